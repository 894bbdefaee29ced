#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "collect/remote/answers.h"
#include "ingest/record_intake.h"
#include "ingest/repeated_times.h"
#include "model/bookmark.h"

namespace livedata::collect::remote {

/// How far a log file of another machine has been read: the value of its bookmark.
struct FarPosition {
  std::uint64_t inode = 0;
  std::uint64_t offset = 0;
  std::uint64_t tail_hash = 0;   ///< of the bytes before the offset
  std::uint64_t tail_bytes = 0;  ///< how many these are
  TimestampNs line_time = 0;     ///< of the last line that states one
  ingest::RepeatedTimes::Marks times = ingest::RepeatedTimes().marks();

  [[nodiscard]] std::string to_text() const;
  /// Nothing for a text that to_text() did not write.
  static std::optional<FarPosition> parse(std::string_view text);
};

/// Follows the log files of a machine without a journal, by asking for listings and pieces: each
/// line once, over reconnects and rotations by renaming. What is written between copying and
/// truncating a file is lost. Not thread-safe.
class FarFiles {
 public:
  struct Options {
    std::string host;
    std::string bookmark_prefix;              ///< the path follows
    std::vector<std::string> patterns;        ///< of paths, as shells expand them
    std::uint64_t backlog_bytes = 1U << 20U;  ///< read of files that are there at the very first
  };
  FarFiles(Options options, const Limits& limits) : options_(std::move(options)), limits_(limits) {}

  /// Goes on from what was stored.
  void load(const Bookmarks& bookmarks);
  /// A new session: nothing is on its way.
  void restart();

  /// Begins a round: the next request is a listing.
  void begin_round() { wants_listing_ = true; }
  /// What to ask for next; "" for nothing until the next round. To be answered before it is called
  /// again.
  [[nodiscard]] std::string next_request();

  /// How lines become records.
  struct Target {
    ingest::RecordIntake& intake;
    Bookmarks& bookmarks;                    ///< to be stored with them
    TimestampNs clock_ahead = 0;             ///< taken off the lines' times, and told as a field
    std::optional<int> zone = std::nullopt;  ///< of times that state none
  };
  /// The answer to next_request().
  void take_answer(std::string_view body, const Target& target);

  [[nodiscard]] std::size_t followed() const { return files_.size(); }
  [[nodiscard]] std::uint64_t lines() const { return lines_; }
  /// Bytes of files that went before they were read.
  [[nodiscard]] std::uint64_t lost_bytes() const { return lost_bytes_; }

 private:
  struct File {
    std::string path;
    FarPosition position;
    std::uint64_t size = 0;        ///< as listed
    std::string read_from;         ///< its path, or the name that it was renamed to
    std::uint64_t next_inode = 0;  ///< not 0: renamed, and this one now has the path
    unsigned renamed_rounds = 0;   ///< since that was seen
    unsigned missing_rounds = 0;   ///< that have not listed it
    bool wants_names = false;      ///< it is to be looked for under other names
    ingest::RepeatedTimes times;
  };
  enum class Asked { kNothing, kListing, kNames, kPiece };

  void take_listing(std::string_view body, const Target& target);
  void take_names(std::string_view body, const Target& target);
  void take_piece(File& file, std::string_view body, const Target& target);
  void take_lines(File& file, std::string_view bytes, const Target& target);
  void begin_anew(File& file, std::uint64_t inode, const Target& target);
  [[nodiscard]] TimestampNs time_of(File& file, std::string_view line, const Target& target) const;
  void save(const File& file, const Target& target) const;
  void forget_missing(const std::set<std::string_view>& listed, const Target& target);

  const Options options_;
  const Limits& limits_;
  bool wants_listing_ = false;
  bool listed_before_ = false;  ///< at any time, also in an earlier run
  std::map<std::string, File> files_;
  Asked asked_ = Asked::kNothing;
  std::string asked_path_;  // of kPiece
  std::uint64_t lines_ = 0;
  std::uint64_t lost_bytes_ = 0;
};

/// Log files that a machine without a journal usually has.
const std::vector<std::string>& usual_far_files();

}  // namespace livedata::collect::remote
