#include "ingest/json_line_time.h"

#include <algorithm>
#include <array>

namespace livedata::ingest {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"time",       "ts",       "timestamp",
                                                    "@timestamp", "datetime", "date"};

/// Reads the members of one object one by one, without looking into their values.
class Members {
 public:
  explicit Members(std::string_view text) : text_(text) {}

  /// Whether there is the opening brace of an object.
  bool open() { return take('{'); }

  /// The next name, and its value as text; false at the end, or where this is no JSON.
  bool next(std::string_view& name, std::string_view& value) {
    skip_spaces();
    if (!take('"') || !take_string(name) || !take(':')) return false;
    skip_spaces();
    if (!take_value(value)) return false;
    static_cast<void>(take(','));
    return true;
  }

 private:
  void skip_spaces() {
    const std::size_t at = text_.find_first_not_of(" \t\r\n");
    text_.remove_prefix(std::min(at, text_.size()));
  }

  bool take(char c) {
    skip_spaces();
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  /// What is left of a string behind its opening quote.
  bool take_string(std::string_view& out) {
    std::size_t at = text_.find_first_of("\"\\");
    while (at != std::string_view::npos && text_[at] == '\\')
      at = text_.find_first_of("\"\\", at + 2);
    if (at == std::string_view::npos) return false;
    out = text_.substr(0, at);
    text_.remove_prefix(at + 1);
    return true;
  }

  bool take_value(std::string_view& out) {
    if (take('"')) return take_string(out);
    if (text_.starts_with('{') || text_.starts_with('[')) {
      out = {};
      return skip_nested();
    }
    const std::size_t end = text_.find_first_of(",}] \t\r\n");
    out = text_.substr(0, end);
    text_.remove_prefix(std::min(end, text_.size()));
    return true;
  }

  bool skip_nested() {
    std::size_t depth = 0;
    while (!text_.empty()) {
      const char c = text_.front();
      text_.remove_prefix(1);
      std::string_view ignored;
      if (c == '"' && !take_string(ignored)) return false;
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) return true;
    }
    return false;
  }

  std::string_view text_;
};

}  // namespace

std::optional<std::string_view> json_time_member(std::string_view line) {
  Members members(line);
  if (!members.open()) return std::nullopt;
  std::string_view name;
  std::string_view value;
  while (members.next(name, value)) {
    if (!value.empty() && std::find(kNames.begin(), kNames.end(), name) != kNames.end())
      return value;
  }
  return std::nullopt;
}

}  // namespace livedata::ingest
