#include "collect/tailed_records.h"

namespace livedata::collect {

using ingest::pipeline::MultiLine;

TailedRecords::TailedRecords(ingest::RecordIntake& intake,
                             const ingest::RecordIntake::StreamSlot& stream, const Limits& limits,
                             const ingest::pipeline::MultiLineRules* rules)
    : intake_(intake), stream_(stream), times_(intake.now(), limits.max_future.count()) {
  if (rules != nullptr) joiner_.emplace(*rules, limits.max_line_bytes);
}

void TailedRecords::add_record(TimestampNs timestamp, std::string_view line) {
  fields_.clear();
  intake_.add(stream_, timestamp, line, fields_);
}

void TailedRecords::add(std::string_view line, std::uint64_t offset) {
  const TimestampNs time = times_.next(line, intake_.now());
  if (!joiner_) {
    add_record(time, line);
    return;
  }
  joiner_->push(line, {.timestamp = time, .tag = offset}, {},
                [this](const MultiLine::Joined& record) {
                  add_record(record.origin.timestamp, record.text);
                });
}

std::optional<std::uint64_t> TailedRecords::pending() const {
  return joiner_ && !joiner_->empty() ? std::optional(joiner_->pending().tag) : std::nullopt;
}

void TailedRecords::flush() {
  if (!joiner_) return;
  joiner_->flush([this](const MultiLine::Joined& record) {
    add_record(record.origin.timestamp, record.text);
  });
}

}  // namespace livedata::collect
