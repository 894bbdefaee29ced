#include "ingest/journal/push.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace livedata::ingest::journal {
namespace {

constexpr TimestampNs kNsPerMicrosecond = 1000;

std::optional<TimestampNs> parse_microseconds(std::string_view text) {
  std::uint64_t microseconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), microseconds);
  constexpr auto kMost =
      static_cast<std::uint64_t>(std::numeric_limits<TimestampNs>::max() / kNsPerMicrosecond);
  if (error != std::errc() || end != text.data() + text.size() || microseconds > kMost)
    return std::nullopt;
  return static_cast<TimestampNs>(microseconds) * kNsPerMicrosecond;
}

}  // namespace

UploadDecoder::UploadDecoder(const Limits& limits)
    : parser_(std::max(limits.max_line_bytes, limits.max_fields_bytes)) {}

void UploadDecoder::take_field() {
  const ExportField& field = parser_.field();
  if (field.too_long) {
    entry_.add_too_long(field.name, field.size);
  } else if (field.name == "__REALTIME_TIMESTAMP") {
    time_ = parse_microseconds(field.value);
    time_is_wrong_ = !time_;
  } else {
    entry_.add(field.name, field.value);
  }
}

void UploadDecoder::end_entry(RecordIntake& intake) {
  if (time_is_wrong_) {
    intake.reject("invalid_timestamp",
                  "the __REALTIME_TIMESTAMP of a journal entry is no number of microseconds");
  } else if (!entry_.empty()) {
    entry_.hand_over(time_.value_or(intake.now()), "", intake);
  }
  entry_.clear();
  time_.reset();
  time_is_wrong_ = false;
}

Result<void> UploadDecoder::consume(std::string_view piece, RecordIntake& intake) {
  parser_.feed(piece);
  for (;;) {
    LIVEDATA_TRY(const ExportParser::Event event, parser_.next());
    switch (event) {
      case ExportParser::Event::kField:
        take_field();
        break;
      case ExportParser::Event::kEndOfEntry:
        end_entry(intake);
        break;
      case ExportParser::Event::kNeedMore:
        return {};
    }
  }
}

Result<void> UploadDecoder::finish(RecordIntake& intake) {
  if (!parser_.is_between_fields())
    return fail(ErrorCode::kInvalidArgument, "the body ends within a field of a journal entry");
  end_entry(intake);
  return {};
}

Result<Decoded> decode(std::string_view body, const DecodeContext& context) {
  RecordIntake intake(context);
  UploadDecoder decoder(context.limits);
  LIVEDATA_RETURN_IF_ERROR(decoder.consume(body, intake));
  LIVEDATA_RETURN_IF_ERROR(decoder.finish(intake));
  return intake.take();
}

}  // namespace livedata::ingest::journal
