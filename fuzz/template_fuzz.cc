#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "query/text_template/template.h"
#include "two_parts.h"

// The input's first line is a template, the rest the log line. So that the line's bytes reach every
// function, it is also the value of the label `x`.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using livedata::kNsPerSecond;
  using livedata::query::text_template::Data;
  using livedata::query::text_template::Template;
  const auto [text, line] = two_parts(data, size);
  const auto parsed = Template::parse(text);
  if (!parsed) return 0;
  const std::vector<std::pair<std::string, std::string>> labels = {
      {"app", "a"}, {"n", "12"}, {"x", std::string(line)}};
  Data values;
  values.find = [&](std::string_view name) -> std::optional<std::string> {
    for (const auto& [key, value] : labels) {
      if (key == name) return value;
    }
    return std::nullopt;
  };
  values.all = [&] { return labels; };
  values.line = line;
  values.timestamp_ns = 1'700'000'000 * kNsPerSecond;
  values.now_ns = values.timestamp_ns + kNsPerSecond;
  std::string out;
  static_cast<void>(parsed->run(values, out));
  return 0;
}
