#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/logger.h"
#include "collect/files/file_counters.h"
#include "collect/files/log_content.h"
#include "ingest/record_intake.h"
#include "model/limits.h"

namespace livedata::collect {

/// Reads contents piece by piece into records. Not thread-safe.
class ContentReader {
 public:
  enum class Outcome : std::uint8_t {
    kMore,      ///< the budget is used up
    kCaughtUp,  ///< all that is there, as far as it is whole, was read
    kFinished,  ///< and nothing will follow: the file has no name, or was compressed
    kReplaced,  ///< the file does not have the content any more
    kMoved,     ///< the name leads to another file, or to none
    kNotText,
    kFailed,
  };
  struct Turn {
    Outcome outcome = Outcome::kCaughtUp;
    std::size_t bytes = 0;  ///< that were read
    std::uint64_t lines = 0;
    std::uint64_t lines_cut = 0;
    bool moved_on = false;  ///< `next` is another position
    Position next = {};     ///< once the records are stored
  };
  struct Options {
    const Limits& limits;
    std::string host;
    const ingest::pipeline::Pipelines* pipelines = nullptr;  ///< may be null
  };

  ContentReader(const Options& options, const Clock& clock, Logger& logger, FileCounters& counters)
      : options_(options), clock_(clock), logger_(logger), counters_(counters) {}

  /// Reads on for about `budget` bytes. Sets wake_at if the content wants another turn by then.
  /// What is given to the intake is read once content.position is set to turn.next; to read it
  /// again, content.go_back().
  Turn turn(LogContent& content, std::size_t budget, ingest::RecordIntake& intake);

  /// Opens the file, if it is not open. False: see Turn::outcome of kMoved and kFailed.
  bool open(LogContent& content, Outcome& outcome);
  void close(LogContent& content);

  /// Whether the file still has what was read of the content.
  Outcome verify(LogContent& content);

  /// As the pipeline of the content's lines asks for; null if each line stands alone.
  [[nodiscard]] std::unique_ptr<ingest::pipeline::MultiLine> make_joiner(
      const LogContent& content) const;

  /// The mark of the content at an offset.
  static Result<ContentMark> mark_at(ByteSource& source, std::uint64_t offset);

 private:
  class Lines;

  [[nodiscard]] std::vector<Label> labels_of(const LogContent& content) const;
  /// Of the set's lines, and of records that are joined of them.
  [[nodiscard]] std::size_t max_line_bytes(const FileSet& set) const;
  struct Window;

  Outcome read_window(LogContent& content, std::size_t budget, Window& window);
  Outcome read_lines(LogContent& content, Window& window, Lines& lines, Turn& turn);
  bool find_encoding(LogContent& content, const Window& window);
  void skip_zeros(LogContent& content, Window& window) const;
  bool update_status(LogContent& content);
  Outcome wait_for_compression(LogContent& content);
  [[nodiscard]] bool gives_rest(const LogContent& content, const Window& window) const;
  Outcome finish(LogContent& content, const Window& window, bool has_rest);
  static void set_marks(LogContent& content, const Window& window, std::uint64_t end,
                        Position& next);
  Outcome failed(LogContent& content, std::string_view what);

  const Options options_;
  const Clock& clock_;
  Logger& logger_;
  FileCounters& counters_;
  std::string buffer_;
  std::string head_;
};

}  // namespace livedata::collect
