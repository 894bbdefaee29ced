#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::cli {

/// Turns an answer in Loki's JSON form into what a person or a script reads: text (time, labels,
/// line; a line per sample for metric queries), csv, logfmt, or the JSON itself.
Result<std::string> format_answer(std::string_view json, std::string_view format);

}  // namespace livedata::cli
