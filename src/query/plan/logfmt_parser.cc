#include <algorithm>
#include <optional>

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
    value_ = {};
    value_is_in_line_ = true;
    malformed_ = false;
    key_ = rest_.substr(0, rest_.find_first_of(" \t=\""));
    rest_.remove_prefix(key_.size());
    if (key_.empty() || rest_.starts_with('"')) {
      malformed_ = true;
      rest_.remove_prefix(std::min<std::size_t>(1, rest_.size()));
      return true;
    }
    if (!rest_.starts_with('=')) return true;
    rest_.remove_prefix(1);
    if (rest_.starts_with('"')) {
      read_quoted();
    } else {
      value_ = rest_.substr(0, rest_.find_first_of(" \t"));
      rest_.remove_prefix(value_.size());
      malformed_ = value_.find_first_of("\"=") != std::string_view::npos;
    }
    return true;
  }

  [[nodiscard]] std::string_view key() const { return key_; }
  /// Valid until the next call of next(), or as long as the line if value_is_in_line().
  [[nodiscard]] std::string_view value() const { return value_; }
  [[nodiscard]] bool value_is_in_line() const { return value_is_in_line_; }
  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  void read_quoted() {
    std::size_t i = 1;
    while (i < rest_.size() && rest_[i] != '"' && rest_[i] != '\\') ++i;
    if (i < rest_.size() && rest_[i] == '"') {
      value_ = rest_.substr(1, i - 1);
      rest_.remove_prefix(i + 1);
      return;
    }
    read_escaped(i);
  }

  /// `i` is at the first backslash, or at the end.
  void read_escaped(std::size_t i) {
    unquoted_ = rest_.substr(1, i - 1);
    for (; i < rest_.size() && rest_[i] != '"'; ++i) {
      if (rest_[i] != '\\' || i + 1 >= rest_.size()) {
        unquoted_ += rest_[i];
        continue;
      }
      ++i;
      const char c = rest_[i];
      unquoted_ += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    }
    malformed_ = i >= rest_.size();
    rest_.remove_prefix(std::min(i + 1, rest_.size()));
    value_ = unquoted_;
    value_is_in_line_ = false;
  }

  std::string_view rest_;
  std::string_view key_;
  std::string_view value_;
  std::string unquoted_;
  bool value_is_in_line_ = true;
  bool malformed_ = false;
};

/// A value that the scanner has put together, or that still stands in the line.
std::string_view kept_value(const LogfmtScanner& scanner, Row& row) {
  return scanner.value_is_in_line() ? scanner.value() : row.arena().keep(scanner.value());
}

std::string_view label_name(std::string_view key, Row& row) {
  return is_label_name(key) ? key : row.arena().keep(sanitized_label_name(key));
}

/// Calls take(key, value) for the pairs of the row's line, up to a malformed one if that matters.
template <class Take>
void for_pairs(const LogfmtOptions& options, Row& row, const Take& take) {
  LogfmtScanner scanner(row.line());
  while (scanner.next()) {
    if (scanner.malformed() && options.strict) {
      row.set_error("LogfmtParserErr",
                    "logfmt syntax error: malformed pair near '" + std::string(scanner.key()) + "'");
      return;
    }
    if (!scanner.malformed()) take(scanner);
  }
}

}  // namespace

void parse_logfmt(const LogfmtOptions& options, Row& row) {
  for_pairs(options, row, [&](const LogfmtScanner& scanner) {
    if (scanner.value().empty() && !options.keep_empty) return;
    const std::string_view name = label_name(scanner.key(), row);
    if (row.wanted() != nullptr && !row.wanted()->contains(name)) return;
    row.add_parsed(name, kept_value(scanner, row));
  });
}

void parse_logfmt(const std::vector<std::pair<std::string, std::string>>& expressions,
                  const LogfmtOptions& options, Row& row) {
  std::vector<std::optional<std::string_view>> found(expressions.size());
  for_pairs(options, row, [&](const LogfmtScanner& scanner) {
    for (std::size_t i = 0; i < expressions.size(); ++i) {
      if (expressions[i].second == scanner.key() && !found[i])
        found[i] = kept_value(scanner, row);
    }
  });
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    if (found[i]) {
      row.set_parsed(expressions[i].first, *found[i]);
    } else if (!row.find(expressions[i].first)) {
      row.set_parsed(expressions[i].first, {});
    }
  }
}

}  // namespace livedata::query::plan
