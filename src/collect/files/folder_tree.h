#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "base/logger.h"
#include "collect/files/file_set.h"
#include "collect/files/folder_watch.h"
#include "collect/files/seen_file.h"

namespace livedata::collect {

/// A folder that patterns look into.
struct Folder {
  /// A part of a pattern that names in the folder may match.
  struct State {
    const FileSet* set = nullptr;
    std::size_t pattern = 0;
    std::size_t part = 0;
    bool operator==(const State&) const = default;
  };
  struct Entry {
    std::uint64_t inode = 0;  // as the folder says
    std::uint32_t look = 0;   // the last one that saw it
    bool is_link = false;
    bool is_folder = false;
    SeenFile* file = nullptr;  // null: of no interest
  };

  std::string path;
  FileId id;
  std::vector<State> states;
  std::map<std::string, Candidate, std::less<>> linked;  // names that symbolic links lead to
  std::unordered_map<std::string, Entry> entries;
  std::set<std::string, std::less<>> touched;  // names to look at, whatever the folder says
  bool is_dirty = true;
  bool rereads = false;  // every name, at the next look
  bool said_unreadable = false;
  std::uint32_t looks = 0;
  std::optional<int> watch;
  std::chrono::steady_clock::time_point next_look;
};

/// The folders that the sets' patterns lead to, and the files in them. Knows names and inodes, not
/// what is in files. Not thread-safe.
class FolderTree {
 public:
  /// What a look found.
  struct Changes {
    std::vector<SeenFile*> found;    ///< not seen before
    std::vector<SeenFile*> renamed;  ///< have another first name now
    std::vector<SeenFile*> changed;  ///< have another size or time
    std::vector<SeenFile*> lost;     ///< have no name any more
  };

  /// Without `watch` everything is found by looking. References must outlive the object.
  FolderTree(const std::vector<FileSet>& sets, std::unique_ptr<FolderWatch> watch,
             const Clock& clock, Logger& logger);
  ~FolderTree();
  FolderTree(const FolderTree&) = delete;
  FolderTree& operator=(const FolderTree&) = delete;

  /// Takes what the kernel tells; visits files that were written to.
  void take_events(const std::function<void(SeenFile&)>& written);
  /// Looks into the folders whose names changed; with `all` at every file.
  Changes look(bool all);
  /// Whether a folder waits for look(), and when it may: a large one is not read without pause.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> next_look() const;

  /// Looks at the file's folder again, next time.
  void doubt(SeenFile& file);
  /// Drops a file that has no name.
  void forget(SeenFile& file);
  [[nodiscard]] std::size_t num_files() const { return files_.size(); }
  /// Readable when take_events() has something to take; -1 if there is no such thing.
  [[nodiscard]] int event_fd() const { return watch_ == nullptr ? -1 : watch_->fd(); }

 private:
  using FileKey = std::pair<std::uint64_t, std::uint64_t>;  // device, inode
  struct DirectoryEntry;

  void find_roots();
  Folder* add_folder(const std::string& path, const std::vector<Folder::State>& states);
  void drop_folder(Folder& folder, Changes& changes);
  /// The folder is more than it was: its names are read again, and it is watched for more.
  void look_closer(Folder& folder);
  void list(Folder& folder, bool all, Changes& changes);
  void visit_name(Folder& folder, const FileHandle& handle, const DirectoryEntry& found, bool all,
                  Changes& changes);
  void visit_link(Folder& folder, const std::string& name, const Candidate& candidate);
  void visit_file(Folder& folder, const std::string& name, Folder::Entry& entry,
                  const FileStatus& status, const Candidate& candidate, Changes& changes);
  void enter_folder(Folder& folder, const std::string& name, Folder::Entry& entry);
  void find_lost(Folder& folder, const FileHandle& handle, const std::vector<DirectoryEntry>& names,
                 Changes& changes);
  void drop_name(Folder& folder, const std::string& name, SeenFile& file, Changes& changes);
  static std::optional<Candidate> candidate_of(const Folder& folder, const std::string& name);
  static std::optional<Candidate> match(const Folder& folder, const std::string& name);

  const std::vector<FileSet>& sets_;
  std::unique_ptr<FolderWatch> watch_;
  const Clock& clock_;
  Logger& logger_;
  std::map<FileKey, std::unique_ptr<Folder>> folders_;
  std::unordered_map<int, Folder*> by_watch_;
  std::map<FileKey, std::unique_ptr<SeenFile>> files_;
  std::vector<std::unique_ptr<SeenFile>> replaced_;  // another file has the inode now
  bool roots_changed_ = true;
  bool overflowed_ = false;
  bool said_limit_ = false;
  bool said_unwatched_ = false;
};

}  // namespace livedata::collect
