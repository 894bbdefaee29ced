#pragma once

#include <cstdint>
#include <string_view>

#include "base/text_arena.h"

namespace livedata::query::plan {

/// Walks JSON text (RFC 8259) from left to right without building anything. Values that nobody asks
/// for are stepped over; what comes behind the outermost value is not looked at. Strings may hold
/// any bytes.
class JsonScanner {
 public:
  enum class Kind : std::uint8_t { kString, kNumber, kBool, kNull, kObject, kArray };
  struct Value {
    Kind kind = Kind::kNull;
    /// As it stands in the text; of a string without its quotes, with its escapes.
    std::string_view raw;
    bool has_escapes = false;
  };

  explicit JsonScanner(std::string_view text) : rest_(text) {}

  /// Steps into an object or array that begins here. False if there is none.
  bool enter(char bracket);
  /// Inside an object: reads the next member's name, and stops before its value. False at the end
  /// of the object, which is left, and on an error.
  bool next_key(Value& key);
  /// Inside an array: stops before the next value. False at the end, and on an error.
  bool next_element();
  /// The kind of the value that begins here. False on an error.
  bool peek(Kind& kind);
  /// Reads or steps over the value that begins here. False on an error.
  bool read(Value& value);

  /// What is wrong, or "" if nothing is so far.
  [[nodiscard]] std::string_view error() const { return error_; }

 private:
  bool fail(std::string_view what) {
    error_ = what;
    return false;
  }
  void skip_space();
  bool read_string(Value& value);
  bool read_word(Value& value);
  bool skip_nested(Value& value);
  bool next_in(char close);

  std::string_view rest_;
  std::string_view error_;
  bool at_start_ = false;  // of the object or array: no comma before the next one
};

/// A string's text without escapes; in the arena if it has any. A wrong escape makes it "".
std::string_view unescaped(const JsonScanner::Value& string, TextArena& arena);

}  // namespace livedata::query::plan
