#include "collect/tailed_records.h"

#include "collect/log_time.h"

namespace livedata::collect {

using ingest::pipeline::MultiLine;

TailedRecords::TailedRecords(ingest::RecordIntake& intake,
                             const ingest::RecordIntake::StreamSlot& stream, const Limits& limits,
                             const ingest::pipeline::MultiLineRules* rules)
    : intake_(intake), stream_(stream), limits_(limits), time_(intake.now()) {
  if (rules != nullptr) joiner_.emplace(*rules, limits.max_line_bytes);
}

/// Lines without a time of their own belong to the line before, as the rest of a stack trace does.
TimestampNs TailedRecords::time_of(std::string_view line) {
  const auto stated = parse_log_time(line, intake_.now());
  // A clock that is wrong must not cost the line.
  if (stated && *stated <= intake_.now() + limits_.max_future.count()) {
    nudge_ = *stated == time_ ? nudge_ + 1 : 0;
    time_ = *stated;
  } else {
    ++nudge_;
  }
  return time_ + nudge_;
}

void TailedRecords::add_record(TimestampNs timestamp, std::string_view line) {
  fields_.clear();
  intake_.add(stream_, timestamp, line, fields_);
}

void TailedRecords::add(std::string_view line, std::uint64_t offset) {
  const TimestampNs time = time_of(line);
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
