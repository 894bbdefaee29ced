#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "collect/files/file_set.h"
#include "collect/files/file_status.h"

namespace livedata::collect {

struct Folder;
struct LogContent;

/// Why a name in a folder is looked at.
struct Candidate {
  const FileSet* set = nullptr;
  const PathPattern* pattern = nullptr;  ///< the one of the set that led here
  /// Whether a pattern of the set matches the name; else it is what a file that one would match may
  /// have been rotated into.
  bool is_matched = false;
  std::string unrotated = {};   ///< the name before it was rotated; the name itself if it is none
  std::string shown_path = {};  ///< of the symbolic link that led here; empty: the file's own path
};

struct FileName {
  Folder* folder = nullptr;
  std::string name;
};

/// A file that was found, whatever its names.
struct SeenFile {
  enum class Role : std::uint8_t {
    kUndecided,  ///< too little is in it to tell what it is
    kReading,    ///< it has a content
    kCopy,       ///< of a content that another file still has; read only once that one is gone
    kIgnored,
  };

  FileStatus status;            ///< as it was seen last
  std::vector<FileName> names;  ///< the first one is the one to open; none: moved away or deleted
  Candidate candidate;          ///< of the first name
  Role role = Role::kUndecided;
  LogContent* content = nullptr;  ///< kReading: its own; kCopy: of which it is one
  bool starts_late = false;       ///< it was there at the very first start

  /// Precondition: it has a name.
  [[nodiscard]] std::string path() const;
  [[nodiscard]] const std::string& name() const { return names.front().name; }
  /// Whether its name is what a log is rotated into.
  [[nodiscard]] bool has_rotated_name() const { return name() != candidate.unrotated; }
};

}  // namespace livedata::collect
