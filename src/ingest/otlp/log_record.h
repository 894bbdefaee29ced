#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "model/limits.h"

/// The messages of opentelemetry/proto/logs/v1/logs.proto, as both encodings are decoded to. Text
/// points into the request.
namespace livedata::ingest::otlp {

struct Attribute;

/// An AnyValue. Nothing: an empty value. std::string: the base64 text of bytes.
struct Value {
  std::variant<std::monostate, std::string_view, bool, std::int64_t, double, std::string,
               std::vector<Value>, std::vector<Attribute>>
      content;
};

/// A KeyValue.
struct Attribute {
  std::string_view key;
  Value value;
};

/// Deeper values are refused, so that nothing recurses further.
constexpr int kMaxValueDepth = 32;

/// Counts the values of one record or resource as they are read: each takes a few bytes in the
/// request and many more here.
class ValueCount {
 public:
  explicit ValueCount(const Limits& limits)
      : most_(limits.max_line_bytes + limits.max_fields_bytes) {}

  void start() { count_ = 0; }
  /// kInvalidArgument: more than fit into a line or into fields anyway.
  Result<void> add() {
    if (++count_ <= most_) return {};
    return fail(ErrorCode::kInvalidArgument, "there are more than {} values in one record", most_);
  }

 private:
  std::size_t most_;
  std::size_t count_ = 0;
};

struct Resource {
  std::vector<Attribute> attributes;
  std::uint32_t dropped_attributes = 0;
};

/// An InstrumentationScope.
struct Scope {
  std::string_view name;
  std::string_view version;
  std::vector<Attribute> attributes;
  std::uint32_t dropped_attributes = 0;
};

struct LogRecord {
  std::uint64_t time = 0;           ///< nanoseconds since 1970; 0: unknown
  std::uint64_t observed_time = 0;  ///< the same
  std::int64_t severity_number = 0;
  std::string_view severity_text;
  std::string_view event_name;
  Value body;
  std::vector<Attribute> attributes;
  std::uint32_t dropped_attributes = 0;
  std::uint32_t flags = 0;
  std::string trace_id;  ///< hexadecimal; empty: none
  std::string span_id;   ///< the same

  /// Empties the record; what it has allocated stays for the next one.
  void clear() {
    time = observed_time = 0;
    severity_number = 0;
    severity_text = event_name = {};
    body.content = std::monostate();
    attributes.clear();
    dropped_attributes = flags = 0;
    trace_id.clear();
    span_id.clear();
  }
};

}  // namespace livedata::ingest::otlp
