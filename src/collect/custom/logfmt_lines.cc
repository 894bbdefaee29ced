#include "collect/custom/logfmt_lines.h"

#include <charconv>

#include "ingest/pipeline/logfmt_fields.h"

namespace livedata::collect::custom {
namespace {

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  return is_number ? std::optional(value) : std::nullopt;
}

std::optional<FieldValue> value_of(std::string_view text) {
  if (text == "true" || text == "false") return FieldValue(text == "true");
  // Words such as nan and inf are texts here: hosts and devices are called worse.
  const char last = text.empty() ? '\0' : text.back();
  if (!(last >= '0' && last <= '9') && last != '.') return std::nullopt;
  if (const auto integer = number_of<std::int64_t>(text)) return FieldValue(*integer);
  if (const auto number = number_of<double>(text)) return FieldValue(*number);
  return std::nullopt;
}

bool add_pairs(Readings& readings, std::string_view line) {
  ingest::pipeline::LogfmtScanner scanner(line);
  bool any = false;
  while (scanner.next()) {
    any = true;
    const std::string_view text = scanner.value(readings.arena());
    if (const auto value = value_of(text)) {
      readings.add_number(scanner.key(), *value);
    } else if (!text.empty()) {
      readings.add_text(scanner.key(), text);
    }
  }
  return any;
}

}  // namespace

void read_logfmt_lines(Readings& readings) {
  std::string_view rest = readings.output();
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t size = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, size);
    rest.remove_prefix(std::min(size + 1, rest.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (add_pairs(readings, line)) {
      readings.end_reading();
    } else {
      readings.reject(number, "there is no key=value");
    }
  }
}

}  // namespace livedata::collect::custom
