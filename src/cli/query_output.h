#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace livedata::cli {

/// A log line or a sample.
struct OutputRow {
  TimestampNs time = 0;
  std::string labels;  ///< {a="b", ...}
  std::string value;
};

/// What stands in front of the rows: csv's names.
std::string_view header_of(std::string_view format);
/// A row with its newline, as text (time, labels, line), csv, logfmt, or the line alone.
std::string format_row(const OutputRow& row, std::string_view format);

/// Turns an answer in Loki's JSON form into what a person or a script reads: rows of a format, or
/// the JSON itself.
Result<std::string> format_answer(std::string_view json, std::string_view format);

}  // namespace livedata::cli
