#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "collect/files/content_mark.h"
#include "collect/files/file_status.h"
#include "collect/files/text_encoding.h"
#include "ingest/repeated_times.h"

namespace livedata::collect {

/// How far a log's content is stored: the value of its bookmark.
struct Position {
  FileId file;  ///< that held the content when it was written
  ContentMark mark;
  TimestampNs modified = 0;  ///< the file, as far as it was seen
  bool in_line = false;      ///< the offset is inside a line that was cut
  bool is_done = false;      ///< nothing is left to read, though the file may hold more
  TextEncoding encoding = TextEncoding::kAuto;
  ingest::RepeatedTimes::Marks times = ingest::RepeatedTimes().marks();
  TimestampNs written = 0;  ///< when the position was stored, wall time
  std::string name = {};    ///< of the file, without folders

  [[nodiscard]] std::string to_text() const;
  /// Nothing for a text that to_text() did not write.
  static std::optional<Position> parse(std::string_view text);
};

/// Bookmarks of log files: "file:<path>#<number>", where the path is the one that is followed, and
/// the number counts the files that had this name.
struct PositionKey {
  std::string path;
  std::uint64_t number = 0;

  [[nodiscard]] std::string to_text() const;
  static std::optional<PositionKey> parse(std::string_view key);
};

}  // namespace livedata::collect
