#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/logger.h"
#include "collect/files/content_reader.h"
#include "collect/files/copy_detection.h"
#include "collect/files/file_counters.h"
#include "collect/files/folder_tree.h"
#include "collect/files/log_content.h"
#include "model/bookmark.h"

namespace livedata::collect {

/// Knows which content is in which file: what is new, what goes on under another name, and what is
/// a copy of something that was read already. Not thread-safe.
class LogTable {
 public:
  /// Called with contents that may have something to read, and with those that are to be destroyed.
  struct Listener {
    std::function<void(LogContent&)> ready;
    std::function<void(LogContent&)> forgotten;
  };

  /// References must outlive the object.
  LogTable(const std::vector<FileSet>& sets, FolderTree& tree, ContentReader& reader,
           Listener listener, const Clock& clock, Logger& logger, FileCounters& counters);

  /// Goes on from what was stored.
  void load(const Bookmarks& bookmarks);

  /// Takes what a look into the folders found. `complete`: it was a look at everything.
  void take(const FolderTree::Changes& changes, bool complete);
  /// A file was written to.
  void written(SeenFile& file);
  /// Finds out what the files are that are not known yet.
  void settle();

  /// The file of the content has another one now.
  void replaced(LogContent& content);
  /// The file of the content is read to its end, and will not grow.
  void finished(LogContent& content);
  /// The file of the content is no text.
  void is_no_text(LogContent& content);
  /// What was read of the content is stored, together with its bookmark.
  void stored(LogContent& content, Position position);

  /// Looks again at files that could not be read, and forgets what is long gone.
  void tidy();

  /// Bookmarks that changed though no line was read. They count as stored after changes_stored().
  [[nodiscard]] Bookmarks changes() const;
  [[nodiscard]] bool has_changes() const { return !changed_.empty() || !notes_.empty(); }
  void changes_stored();

  static std::string key_of(const LogContent& content);
  void for_each(const std::function<void(LogContent&)>& visit) const;

 private:
  using InodeKey = std::pair<std::uint64_t, std::uint64_t>;
  /// Whether it is known what a file is.
  enum class Placed : std::uint8_t { kYes, kNo, kWait };

  // log_table.cc: bookkeeping
  RotatedLog& log_of(const std::string& folder, const std::string& name);
  void follow_new(SeenFile& file, RotatedLog& log);
  LogContent& add_content(RotatedLog& log);
  void number_contents();
  void bind(SeenFile& file, LogContent& content);
  void unbind(LogContent& content);
  void release_copies(LogContent& content, bool nothing_left);
  void lose(SeenFile& file);
  void mark_changed(LogContent& content);
  void forget(LogContent& content);
  void forget_gone(RotatedLog& log);
  void mark_patterns();

  // placement.cc: what a file is
  void place(SeenFile& file);
  Placed place_by_id(SeenFile& file);
  Placed place_late(SeenFile& file, RotatedLog& log);
  Placed place_rotated(SeenFile& file, RotatedLog& log);
  Placed place_moved(SeenFile& file, RotatedLog& log);
  Placed place_copy(SeenFile& file, ByteSource& source, RotatedLog& log);
  Placed place_rest(SeenFile& file, ByteSource& source, RotatedLog& log);
  Placed cannot_open(SeenFile& file, const Error& error);
  Likeness compare_to_present(ByteSource& source, LogContent& content);

  const std::vector<FileSet>& sets_;
  FolderTree& tree_;
  ContentReader& reader_;
  const Listener listener_;
  const Clock& clock_;
  Logger& logger_;
  FileCounters& counters_;
  std::map<std::string, std::unique_ptr<RotatedLog>> logs_;  // by path
  std::multimap<InodeKey, LogContent*> gone_;                // contents without a file
  std::vector<LogContent*> unnumbered_;
  std::set<LogContent*> changed_;
  std::set<SeenFile*> unknown_;    // to be placed
  std::set<SeenFile*> waiting_;    // could not be
  Bookmarks notes_;                // other bookmarks that changed
  std::set<std::string> started_;  // patterns that were followed before
};

}  // namespace livedata::collect
