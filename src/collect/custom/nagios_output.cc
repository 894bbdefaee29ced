#include "collect/custom/nagios_output.h"

#include <array>
#include <charconv>
#include <cmath>

#include <fmt/core.h>

#include "model/labels.h"

namespace livedata::collect::custom {
namespace {

struct Unit {
  std::string_view name;
  std::string_view suffix;  // of the number's name
  double factor = 1;
  double divisor = 1;  // apart, so that 69 ms are 0.069 and not 0.06900000000000001
  [[nodiscard]] double of(double number) const { return number * factor / divisor; }
};
constexpr double kKibi = 1024;
// Sizes as most plugins mean them.
constexpr std::array<Unit, 15> kUnits = {{{"", ""},
                                          {"s", "_seconds"},
                                          {"ms", "_seconds", 1, 1e3},
                                          {"us", "_seconds", 1, 1e6},
                                          {"ns", "_seconds", 1, 1e9},
                                          {"%", "_percent"},
                                          {"c", "_total"},
                                          {"B", "_bytes"},
                                          {"KB", "_bytes", kKibi},
                                          {"MB", "_bytes", kKibi* kKibi},
                                          {"GB", "_bytes", kKibi* kKibi* kKibi},
                                          {"TB", "_bytes", kKibi* kKibi* kKibi* kKibi},
                                          {"KiB", "_bytes", kKibi},
                                          {"MiB", "_bytes", kKibi* kKibi},
                                          {"GiB", "_bytes", kKibi* kKibi* kKibi}}};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// The number that a text begins with, which is then taken off it.
std::optional<double> take_number(std::string_view& text) {
  const std::string_view unsigned_text = text.substr(text.starts_with('+') ? 1 : 0);
  const char first = unsigned_text.empty() ? '\0' : unsigned_text.front();
  // U is a value that is not known; from_chars() would read inf and nan.
  if (!(first >= '0' && first <= '9') && first != '-' && first != '.') return std::nullopt;
  double value = 0;
  const auto [end, error] =
      std::from_chars(unsigned_text.data(), unsigned_text.data() + unsigned_text.size(), value);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

/// A bound: 10, 10:20, 10:, ~:20, @10:20.
std::optional<double> bound(std::string_view text) {
  if (text.starts_with('@')) text.remove_prefix(1);
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    std::string_view upper = text.substr(colon + 1);
    if (const auto value = take_number(upper)) return value;
    text = text.substr(0, colon);
  }
  return take_number(text);
}

class PerfData {
 public:
  PerfData(Readings& readings, std::string_view text) : readings_(readings), rest_(text) {}

  void read() {
    for (;;) {
      while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
      if (rest_.empty()) return;
      const std::string_view label = take_label();
      const std::string_view value = take_word();
      if (!label.empty()) add(label, value);
    }
  }

 private:
  /// 'a label' with '' for a quote in it, or a word; and the = behind it. "" if that is missing,
  /// and then a word is taken.
  std::string_view take_label() {
    std::string_view label;
    std::size_t end = 0;
    if (rest_.front() == '\'') {
      end = 1;
      while (end < rest_.size() &&
             (rest_[end] != '\'' || rest_.substr(end + 1).starts_with('\''))) {
        end += rest_[end] == '\'' ? std::size_t{2} : std::size_t{1};
      }
      if (end >= rest_.size()) {
        rest_ = {};
        return {};
      }
      label = rest_.substr(1, end - 1);
      ++end;
    } else {
      while (end < rest_.size() && rest_[end] != '=' && !is_blank(rest_[end])) ++end;
      label = rest_.substr(0, end);
    }
    rest_.remove_prefix(end);
    if (!rest_.starts_with('=')) return {};
    rest_.remove_prefix(1);
    return label;
  }

  std::string_view take_word() {
    std::size_t size = 0;
    while (size < rest_.size() && !is_blank(rest_[size])) ++size;
    const std::string_view word = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return word;
  }

  void add(std::string_view label, std::string_view word) {
    std::array<std::string_view, 5> parts;  // value, warning, critical, min, max
    for (std::string_view& part : parts) {
      const std::size_t size = std::min(word.find(';'), word.size());
      part = word.substr(0, size);
      word.remove_prefix(std::min(size + 1, word.size()));
    }
    const auto value = take_number(parts[0]);
    if (!value) return;
    const auto* unit = std::find_if(kUnits.begin(), kUnits.end(),
                                    [&](const Unit& known) { return known.name == parts[0]; });
    if (unit == kUnits.end()) unit = kUnits.begin();
    const std::string name = fmt::format("{}{}", sanitized_label_name(label), unit->suffix);
    add_number(name, "", unit->of(*value));
    constexpr std::array<std::string_view, 5> kSuffixes = {"", "_warning", "_critical", "_min",
                                                           "_max"};
    for (std::size_t i = 1; i < parts.size(); ++i) {
      if (const auto number = bound(parts[i])) add_number(name, kSuffixes[i], unit->of(*number));
    }
  }

  void add_number(std::string_view name, std::string_view suffix, double value) {
    readings_.add_number(readings_.arena().keep(fmt::format("{}{}", name, suffix)), value);
  }

  Readings& readings_;
  std::string_view rest_;
};

}  // namespace

void read_nagios(Readings& readings, int exit_code) {
  std::string_view rest = trimmed(readings.output());
  const std::size_t size = std::min(rest.find('\n'), rest.size());
  const std::string_view first = rest.substr(0, size);
  rest.remove_prefix(size);
  const std::size_t bar = std::min(first.find('|'), first.size());
  readings.add_number("status", std::int64_t{exit_code});
  readings.set_line(trimmed(first.substr(0, bar)));
  if (bar < first.size()) PerfData(readings, first.substr(bar + 1)).read();
  // What follows the second bar is performance data to the end, whatever lines it has.
  const std::size_t more = rest.find('|');
  if (more != std::string_view::npos) PerfData(readings, rest.substr(more + 1)).read();
  readings.end_reading();
}

bool looks_like_nagios(std::string_view line) {
  const auto is_letter = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  const std::size_t bar = line.find('|');
  const std::string_view text = line.substr(0, bar);
  for (const std::string_view state : {"OK", "WARNING", "CRITICAL", "UNKNOWN"}) {
    for (std::size_t at = text.find(state); at != std::string_view::npos;
         at = text.find(state, at + 1)) {
      const std::size_t end = at + state.size();
      if ((at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end])))
        return true;
    }
  }
  return bar != std::string_view::npos && line.find('=', bar) != std::string_view::npos;
}

}  // namespace livedata::collect::custom
