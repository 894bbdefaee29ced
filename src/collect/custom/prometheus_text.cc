#include "collect/custom/prometheus_text.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include <fmt/core.h>

namespace livedata::collect::custom {
namespace {

using host::MetricType;

constexpr std::size_t kMaxHelpBytes = 1024;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}
bool is_name_part(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && (is_blank(text.back()) || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

/// One line, from left to right.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] bool sees(char c) const { return rest_.starts_with(c); }
  bool take(char c) {
    if (!sees(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// "" if there is none.
  std::string_view name() {
    if (rest_.empty() || !is_name_start(rest_.front())) return {};
    std::size_t size = 1;
    while (size < rest_.size() && is_name_part(rest_[size])) ++size;
    return cut(size);
  }
  /// Up to the next blank.
  std::string_view word() {
    std::size_t size = 0;
    while (size < rest_.size() && !is_blank(rest_[size])) ++size;
    return cut(size);
  }
  std::string_view rest() { return cut(rest_.size()); }
  /// A text in quotes with the escapes \\, \" and \n; others stay as they are. Nothing if it does
  /// not end. `arena` may be null, then the text is as it stands.
  std::optional<std::string_view> quoted(TextArena* arena);

 private:
  std::string_view cut(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
};

std::string_view unescaped(std::string_view raw, TextArena& arena) {
  char* const to = arena.reserve(raw.size());
  std::size_t size = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char next = i + 1 < raw.size() ? raw[i + 1] : '\0';
    const bool is_escape = raw[i] == '\\' && (next == '\\' || next == '"' || next == 'n');
    to[size++] = !is_escape ? raw[i] : next == 'n' ? '\n' : next;
    i += is_escape ? 1U : 0U;
  }
  return arena.commit(size);
}

std::optional<std::string_view> Cursor::quoted(TextArena* arena) {
  if (!sees('"')) return std::nullopt;
  bool has_escapes = false;
  std::size_t end = 1;
  while (end < rest_.size() && rest_[end] != '"') {
    has_escapes = has_escapes || rest_[end] == '\\';
    end += rest_[end] == '\\' ? std::size_t{2} : std::size_t{1};
  }
  if (end >= rest_.size()) return std::nullopt;
  const std::string_view raw = cut(end + 1).substr(1, end - 1);
  return has_escapes && arena != nullptr ? unescaped(raw, *arena) : raw;
}

/// As Go's ParseFloat reads it, but for hexadecimal numbers.
std::optional<double> parse_value(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end != text.data() + text.size() || text.back() == ')') return std::nullopt;
  // What a double can't hold is infinite, or nothing; only strtod() says which.
  if (error == std::errc::result_out_of_range)
    return std::strtod(std::string(text).c_str(), nullptr);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

MetricType type_of(std::string_view word) {
  if (word == "counter") return MetricType::kCounter;
  if (word == "histogram") return MetricType::kHistogram;
  if (word == "summary") return MetricType::kSummary;
  return word == "gauge" || word == "info" || word == "stateset" ? MetricType::kGauge
                                                                 : MetricType::kUntyped;
}

class Parser {
 public:
  explicit Parser(Readings& readings)
      : readings_(readings), is_open_metrics_(trimmed_end().ends_with("\n# EOF")) {}

  void run() {
    std::string_view rest = readings_.output();
    for (std::size_t number = 1; !rest.empty(); ++number) {
      const std::size_t size = std::min(rest.find('\n'), rest.size());
      const std::string_view line = trimmed(rest.substr(0, size));
      rest.remove_prefix(std::min(size + 1, rest.size()));
      if (line.starts_with('#')) {
        comment(line.substr(1));
      } else if (!line.empty()) {
        const char* const mistake = sample(line);
        if (mistake == nullptr) {
          readings_.end_reading();
        } else {
          readings_.reject(number, mistake);
        }
      }
    }
    end_family();
  }

  /// What is wrong with the line; nullptr: nothing.
  const char* sample(std::string_view line) {
    Cursor cursor(line);
    std::string_view name = cursor.name();
    cursor.skip_blanks();
    if (cursor.sees('{')) {
      if (const char* mistake = labels(cursor, name)) return mistake;
    }
    if (name.empty()) return "a metric's name is missing";
    cursor.skip_blanks();
    const auto value = parse_value(cursor.word());
    if (!value) return "the value is not a number";
    readings_.add_number(name, *value);
    cursor.skip_blanks();
    if (!cursor.at_end() && !cursor.sees('#')) {
      if (const char* mistake = time(cursor.word())) return mistake;
      cursor.skip_blanks();
    }
    // An exemplar: # {labels} value [time]. It belongs to one request and not to the series.
    return cursor.at_end() || cursor.sees('#') ? nullptr : "there is something behind the value";
  }

 private:
  [[nodiscard]] std::string_view trimmed_end() const {
    std::string_view text = readings_.output();
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    return text;
  }

  const char* labels(Cursor& cursor, std::string_view& name) {
    cursor.take('{');
    for (;;) {
      cursor.skip_blanks();
      if (cursor.take('}')) return nullptr;
      const bool is_quoted = cursor.sees('"');
      const auto label = is_quoted ? cursor.quoted(&readings_.arena()) : cursor.name();
      if (!label || label->empty()) return "a label's name is missing";
      cursor.skip_blanks();
      if (cursor.take('=')) {
        cursor.skip_blanks();
        const auto value = cursor.quoted(&readings_.arena());
        if (!value) return "a label's value is not in quotes";
        // A label without a value is no label.
        if (!value->empty()) readings_.add_text(*label, *value);
      } else if (is_quoted && name.empty()) {
        name = *label;
      } else {
        return "a label has no value";
      }
      cursor.skip_blanks();
      if (!cursor.take(',') && !cursor.sees('}')) return "the labels don't end with }";
    }
  }

  /// Milliseconds; in OpenMetrics seconds.
  const char* time(std::string_view word) {
    constexpr double kMostSeconds = 9e9;  // in the year 2255; nanoseconds reach to 2262
    const auto number = parse_value(word);
    if (!number) return "the time is not a number";
    const double seconds = is_open_metrics_ ? *number : *number / 1000;
    if (!(std::abs(seconds) < kMostSeconds)) return "the time is out of bounds";
    if (is_open_metrics_) {
      constexpr double kMicroseconds = 1e6;  // as much as a double holds of today's times
      readings_.set_time(std::llround(seconds * kMicroseconds) * 1000);
    } else {
      readings_.set_time(std::llround(*number) * 1'000'000);
    }
    return nullptr;
  }

  void comment(std::string_view text) {
    Cursor cursor(text);
    cursor.skip_blanks();
    const std::string_view what = cursor.word();
    if (what != "HELP" && what != "TYPE") return;
    cursor.skip_blanks();
    const auto name = cursor.sees('"') ? cursor.quoted(&readings_.arena()) : cursor.word();
    if (!name || name->empty()) return;
    if (*name != family_.name) {
      end_family();
      family_.name = *name;
    }
    cursor.skip_blanks();
    if (what == "HELP") {
      const std::string_view help = cursor.rest().substr(0, kMaxHelpBytes);
      family_.help =
          help.find('\\') == std::string_view::npos ? help : unescaped(help, readings_.arena());
    } else {
      family_.type = type_of(cursor.word());
      // OpenMetrics names a counter without what its samples end with.
      constexpr std::string_view kTotal = "_total";
      if (is_open_metrics_ && family_.type == MetricType::kCounter &&
          !family_.name.ends_with(kTotal)) {
        total_name_ = fmt::format("{}{}", family_.name, kTotal);
      }
    }
  }

  void end_family() {
    if (family_.name.empty()) return;
    if (!total_name_.empty()) family_.name = readings_.arena().keep(total_name_);
    readings_.add_family(family_);
    family_ = {};
    total_name_.clear();
  }

  Readings& readings_;
  bool is_open_metrics_;
  Family family_;  // that is being described
  std::string total_name_;
};

}  // namespace

void read_prometheus(Readings& readings) {
  readings.are_series();
  Parser(readings).run();
}

bool is_prometheus_sample(std::string_view line) {
  Readings scratch("", {});
  return Parser(scratch).sample(trimmed(line)) == nullptr;
}

}  // namespace livedata::collect::custom
