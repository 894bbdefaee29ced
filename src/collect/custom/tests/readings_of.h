#pragma once

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "collect/custom/output_format.h"

namespace livedata::collect::custom {

/// What a format made of a text, one line for each reading: line|texts|numbers|time.
inline std::vector<std::string> shown(const Readings& readings) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < readings.size(); ++i) {
    const Reading reading = readings[i];
    std::string line(reading.line);
    line += '|';
    for (const auto& [name, text] : reading.texts) line += fmt::format("{}={},", name, text);
    line += '|';
    for (const Field& number : reading.numbers)
      line += fmt::format("{}={},", number.name, to_string(number.value));
    if (reading.time) line += fmt::format("|{}", *reading.time);
    lines.push_back(std::move(line));
  }
  return lines;
}

inline Readings read(OutputFormat format, std::string text, int exit_code = 0,
                     const ReadingLimits& limits = {}) {
  Readings readings(std::move(text), limits);
  static_cast<void>(read_output(format, exit_code, readings));
  return readings;
}

}  // namespace livedata::collect::custom
