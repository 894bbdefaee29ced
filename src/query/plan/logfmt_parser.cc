#include <algorithm>

#include "query/plan/line_parsers.h"

namespace livedata::query::plan {
namespace {

/// Reads key=value pairs one by one.
class LogfmtScanner {
 public:
  explicit LogfmtScanner(std::string_view line) : rest_(line) {}

  /// False at the end of the line.
  bool next() {
    const std::size_t start = rest_.find_first_not_of(" \t");
    if (start == std::string_view::npos) return false;
    rest_.remove_prefix(start);
    value_.clear();
    malformed_ = false;
    has_value_ = false;
    key_ = rest_.substr(0, rest_.find_first_of(" \t=\""));
    rest_.remove_prefix(key_.size());
    if (key_.empty() || rest_.starts_with('"')) {
      malformed_ = true;
      rest_.remove_prefix(std::min<std::size_t>(1, rest_.size()));
      return true;
    }
    if (!rest_.starts_with('=')) return true;
    rest_.remove_prefix(1);
    has_value_ = true;
    if (rest_.starts_with('"')) {
      read_quoted();
    } else {
      value_ = rest_.substr(0, rest_.find_first_of(" \t"));
      rest_.remove_prefix(value_.size());
      malformed_ = value_.find('"') != std::string::npos || value_.find('=') != std::string::npos;
    }
    return true;
  }

  [[nodiscard]] std::string_view key() const { return key_; }
  [[nodiscard]] const std::string& value() const { return value_; }
  [[nodiscard]] bool has_value() const { return has_value_; }
  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  void read_quoted() {
    std::size_t i = 1;
    for (; i < rest_.size() && rest_[i] != '"'; ++i) {
      if (rest_[i] != '\\' || i + 1 >= rest_.size()) {
        value_ += rest_[i];
        continue;
      }
      ++i;
      const char c = rest_[i];
      value_ += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    }
    malformed_ = i >= rest_.size();
    rest_.remove_prefix(std::min(i + 1, rest_.size()));
  }

  std::string_view rest_;
  std::string_view key_;
  std::string value_;
  bool has_value_ = false;
  bool malformed_ = false;
};

}  // namespace

void parse_logfmt_line(const ParserExpressions& expressions, const LogfmtOptions& options,
                       Row& row) {
  // The row's line may be rendered into the row itself; adding labels does not move it.
  LogfmtScanner scanner(row.line());
  std::vector<std::pair<std::string, std::string>> found(expressions.size());
  while (scanner.next()) {
    if (scanner.malformed() && options.strict) {
      row.set_error("LogfmtParserErr", "malformed pair near '" + std::string(scanner.key()) + "'");
      break;
    }
    if (scanner.malformed() && (scanner.key().empty() || !scanner.has_value())) continue;
    if (expressions.empty()) {
      if (scanner.value().empty() && !options.keep_empty) continue;
      row.add_parsed(sanitized_label_name(scanner.key()), scanner.value());
      continue;
    }
    for (std::size_t i = 0; i < expressions.size(); ++i) {
      if (expressions[i].second == scanner.key() && found[i].second.empty())
        found[i].second = scanner.value();
    }
  }
  for (std::size_t i = 0; i < expressions.size(); ++i)
    row.add_parsed(expressions[i].first, found[i].second);
}

}  // namespace livedata::query::plan
