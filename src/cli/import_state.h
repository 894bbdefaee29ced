#pragma once

#include <optional>
#include <string>

#include "base/file_system.h"
#include "cli/loki_pages.h"

namespace livedata::cli {

/// The file of --resume: how far an import has come. Written whole or not at all. Without a path
/// nothing is kept.
class ImportState {
 public:
  /// `source` says what is imported; a file of another import is refused with kInvalidArgument.
  static Result<ImportState> load(std::string path, std::string source, FileSystem& files);

  /// Empty when there is no file yet.
  [[nodiscard]] const std::string& position() const { return position_; }
  Result<void> save(std::string position);

 private:
  ImportState(std::string path, std::string source, FileSystem& files)
      : path_(std::move(path)), source_(std::move(source)), files_(&files) {}

  std::string path_;
  std::string source_;
  FileSystem* files_;
  std::string position_;
};

/// A position as a line of text, and back; nothing for other text.
std::string format_position(const PagePosition& position);
std::optional<PagePosition> parse_position(std::string_view text);

}  // namespace livedata::cli
