#include <algorithm>
#include <optional>

#include "query/plan/json_scanner.h"
#include "query/plan/line_field.h"
#include "query/plan/line_parsers.h"

namespace livedata::query::plan {
namespace {

/// Every byte up to the blank separates, line ends and other control characters included.
bool separates(char c) { return static_cast<unsigned char>(c) <= ' '; }

/// The part of the text before the first byte that meets the condition.
template <class Condition>
std::string_view before(std::string_view text, const Condition& ends) {
  return text.substr(
      0, static_cast<std::size_t>(std::find_if(text.begin(), text.end(), ends) - text.begin()));
}

/// Reads key=value pairs one by one.
class LogfmtScanner {
 public:
  LogfmtScanner(std::string_view line, TextArena& arena) : rest_(line), arena_(arena) {}

  /// False at the end of the line.
  bool next() {
    rest_.remove_prefix(before(rest_, [](char c) { return !separates(c); }).size());
    if (rest_.empty()) return false;
    value_ = {};
    has_value_ = false;
    malformed_ = false;
    key_ = before(rest_, [](char c) { return separates(c) || c == '=' || c == '"'; });
    rest_.remove_prefix(key_.size());
    if (key_.empty() || rest_.starts_with('"')) {
      malformed_ = true;
      rest_.remove_prefix(std::min<std::size_t>(1, rest_.size()));
      return true;
    }
    if (!rest_.starts_with('=')) return true;
    has_value_ = true;
    rest_.remove_prefix(1);
    if (rest_.starts_with('"')) {
      read_quoted();
    } else {
      value_ = before(rest_, separates);
      rest_.remove_prefix(value_.size());
      malformed_ = value_.find_first_of("\"=") != std::string_view::npos;
    }
    return true;
  }

  [[nodiscard]] std::string_view key() const { return key_; }
  /// A part of the line, or in the arena.
  [[nodiscard]] std::string_view value() const { return value_; }
  /// Whether a = stands behind the key.
  [[nodiscard]] bool has_value() const { return has_value_; }
  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  /// The escapes are those of JSON; a wrong one makes the pair malformed.
  void read_quoted() {
    std::size_t i = 1;
    bool has_escapes = false;
    while (i < rest_.size() && rest_[i] != '"') {
      has_escapes = has_escapes || rest_[i] == '\\';
      i += rest_[i] == '\\' ? std::size_t{2} : std::size_t{1};
    }
    malformed_ = i >= rest_.size();
    const std::string_view raw = rest_.substr(1, std::min(i, rest_.size()) - 1);
    rest_.remove_prefix(std::min(i + 1, rest_.size()));
    value_ = unescaped({JsonScanner::Kind::kString, raw, has_escapes}, arena_);
    malformed_ = malformed_ || (value_.empty() && !raw.empty());
  }

  std::string_view rest_;
  TextArena& arena_;
  std::string_view key_;
  std::string_view value_;
  bool has_value_ = false;
  bool malformed_ = false;
};

std::string_view label_name(std::string_view key, Row& row) {
  return is_label_name(key) ? key : row.arena().keep(sanitized_label_name(key));
}

/// Calls take(key, value) for the pairs of the row's line, up to a malformed one if that matters.
template <class Take>
void for_pairs(const LogfmtOptions& options, Row& row, const Take& take) {
  LogfmtScanner scanner(row.line(), row.arena());
  while (scanner.next()) {
    if (scanner.malformed() && options.strict) {
      row.set_error("LogfmtParserErr", "logfmt syntax error: malformed pair near '" +
                                           std::string(scanner.key()) + "'");
      return;
    }
    if (!scanner.malformed()) take(scanner);
  }
}

}  // namespace

std::optional<std::string_view> find_logfmt_value(std::string_view line, std::string_view key,
                                                  TextArena& arena) {
  // A key that is nowhere, or stands for no pair, is the common case.
  const std::size_t at = line.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  LogfmtScanner scanner(line, arena);
  while (scanner.next()) {
    if (!scanner.malformed() && scanner.key() == key && scanner.has_value()) return scanner.value();
  }
  return std::nullopt;
}

void parse_logfmt(const LogfmtOptions& options, Row& row) {
  for_pairs(options, row, [&](const LogfmtScanner& scanner) {
    if (scanner.value().empty() && !options.keep_empty) return;
    const std::string_view name = label_name(scanner.key(), row);
    if (row.wanted() != nullptr && !row.wanted()->contains(name)) return;
    row.add_parsed(name, scanner.value());
  });
}

void parse_logfmt(const std::vector<std::pair<std::string, std::string>>& expressions,
                  const LogfmtOptions& options, Row& row) {
  std::vector<std::optional<std::string_view>> found(expressions.size());
  for_pairs(options, row, [&](const LogfmtScanner& scanner) {
    for (std::size_t i = 0; i < expressions.size(); ++i) {
      if (expressions[i].second == scanner.key() && !found[i]) found[i] = scanner.value();
    }
  });
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    const auto& name = expressions[i].first;
    if (const auto& value = found[i]) {
      row.set_parsed(name, *value);
    } else if (!row.find(name)) {
      row.set_parsed(name, {});
    }
  }
}

}  // namespace livedata::query::plan
