#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "collect/files/path_pattern.h"
#include "collect/files/text_encoding.h"
#include "model/labels.h"

namespace livedata::collect {

/// Files that are followed in the same way: one entry of the section `files`.
struct FileSet {
  std::vector<PathPattern> paths;
  std::vector<ExcludePattern> excludes = {};
  std::vector<Label> labels = {};
  std::string service = {};  ///< empty: by the file's path
  TextEncoding encoding = TextEncoding::kAuto;
  /// How much is read of a file that is there at the very first start: its last bytes.
  std::uint64_t backlog_bytes = 1U << 20U;
  std::size_t max_line_bytes = SIZE_MAX;  ///< a longer line is cut
  /// After which a last line without an end is given; none: it waits for its end.
  std::optional<std::chrono::nanoseconds> partial_line_timeout = {};
  bool modification_time = false;  ///< each record gets the field file_modified

  [[nodiscard]] bool matches(const std::string& folder, const std::string& name) const;
  [[nodiscard]] bool excludes_file(const std::string& folder, const std::string& name) const;
};

/// The usual text logs below a folder such as /var/log.
FileSet usual_log_files(const Path& log_folder);

/// The files of one pattern, followed as usual.
Result<FileSet> file_set_of(std::string_view pattern);

}  // namespace livedata::collect
