#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace livedata::server {

/// Writes JSON text from left to right; commas come by themselves. Strings may hold any bytes: what
/// is not UTF-8 becomes U+FFFD.
class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view value);
  JsonWriter& number(std::uint64_t value);
  JsonWriter& number(double value);
  /// Text that is JSON already.
  JsonWriter& raw(std::string_view json);

  std::string take() { return std::move(out_); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();
  void append_quoted(std::string_view value);

  std::string out_;
  bool needs_comma_ = false;
};

}  // namespace livedata::server
