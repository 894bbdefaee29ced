#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace livedata::cli {

constexpr std::string_view kStdin = "-";

/// What a command's argument names. Of standard input, pipes and what is not there, both are
/// unknown.
struct FileFacts {
  std::uint64_t size = 0;
  std::optional<TimestampNs> changed = {};
};
FileFacts facts_of(const std::string& path);

/// The service that a file's lines are of when nobody says: its name without folder and without
/// what compression has added; "stdin".
std::string service_of(const std::string& path);

/// The files that arguments name: a folder stands for the text files in it and below it, sorted by
/// name; links to folders are not followed. What is named itself is kept as it is, and fails where
/// it is read.
std::vector<std::string> files_of(const std::vector<std::string>& arguments);

}  // namespace livedata::cli
