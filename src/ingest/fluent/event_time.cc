#include "ingest/fluent/event_time.h"

#include <cmath>
#include <limits>

namespace livedata::ingest::fluent {
namespace {

constexpr std::int8_t kEventTimeType = 0;
constexpr TimestampNs kMostSeconds = std::numeric_limits<TimestampNs>::max() / kNsPerSecond;

std::int64_t big_endian_32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes.substr(0, 4)) value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

std::optional<TimestampNs> read_event_time(const MsgpackValue& value, TimestampNs now) {
  using Type = MsgpackValue::Type;
  if (value.type == Type::kNil) return now;
  if (value.type == Type::kInt) {
    if (value.integer == 0) return now;
    if (value.integer > kMostSeconds || value.integer < -kMostSeconds) return std::nullopt;
    return value.integer * kNsPerSecond;
  }
  if (value.type == Type::kDouble) {
    if (!(std::abs(value.number) < static_cast<double>(kMostSeconds))) return std::nullopt;
    if (value.number == 0) return now;
    return static_cast<TimestampNs>(value.number * static_cast<double>(kNsPerSecond));
  }
  if (value.type == Type::kExt && value.ext_type == kEventTimeType && value.bytes.size() == 8) {
    const std::int64_t seconds = big_endian_32(value.bytes);
    const std::int64_t nanoseconds = big_endian_32(value.bytes.substr(4));
    if (seconds == 0) return now;
    if (nanoseconds >= kNsPerSecond) return std::nullopt;
    return seconds * kNsPerSecond + nanoseconds;
  }
  return std::nullopt;
}

bool is_whole_second(const MsgpackValue& time) {
  return time.type != MsgpackValue::Type::kExt && time.type != MsgpackValue::Type::kDouble;
}

std::optional<TimestampNs> whole_second_of(std::string_view event, TimestampNs now) {
  MsgpackReader reader(event);
  auto value = reader.next();
  // The event's array, and that of the time and metadata.
  for (int depth = 0; depth < 2 && value && value->type == MsgpackValue::Type::kArray; ++depth)
    value = reader.next();
  if (!value || !is_whole_second(*value)) return std::nullopt;
  return read_event_time(*value, now);
}

}  // namespace livedata::ingest::fluent
