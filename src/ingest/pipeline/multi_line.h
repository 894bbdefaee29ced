#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "ingest/pipeline/settings/options.h"
#include "ingest/pipeline/trace_lines.h"

namespace livedata::ingest::pipeline {

/// Which lines make one record. Immutable; copies share the regex.
struct MultiLineRules {
  enum class Mode : std::uint8_t {
    kFirstLine,    ///< a line that meets first_line begins a record
    kIndentation,  ///< a line that is empty or begins with a space or tab continues one
    kTraces,       ///< stack traces of these languages
    kCri,          ///< partial lines of container runtimes, flagged P
    kDocker,       ///< partial lines of Docker's json-file, without a newline at their end
  };
  Mode mode = Mode::kTraces;
  std::shared_ptr<const re2::RE2> first_line = nullptr;
  TraceLanguages traces = kAllTraces;
  std::size_t max_lines = 500;
  std::size_t max_bytes = 256 * 1024;
  std::chrono::nanoseconds timeout = std::chrono::seconds(3);
};

/// Reads the section `multiline` of a pipeline.
Result<MultiLineRules> compile_multi_line(const Node& node, Scope scope);

/// Joins the lines of one stream or file into records. A record is complete when the next one
/// begins, or when nothing came for the time-out. At the bounds of lines and bytes it is cut, and
/// goes on as another record: no line is lost. Not thread-safe; the rules must outlive it.
class MultiLine {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Of the first line of a record.
  struct Origin {
    TimestampNs timestamp = 0;
    std::uint64_t tag = 0;  ///< whatever the owner wants back, such as the line's offset in a file
  };
  struct Joined {
    std::string_view text;  ///< valid until the next call
    Origin origin;
    std::size_t lines = 0;
  };

  /// Records have at most `max_bytes`, or what the rules say if that is less.
  MultiLine(const MultiLineRules& rules, std::size_t max_bytes);

  /// Takes a line without its end, and gives what is complete by it to emit(const Joined&):
  /// nothing, the record before, or also the line itself.
  template <class Emit>
  void push(std::string_view line, Origin origin, Time now, const Emit& emit) {
    last_push_ = now;
    if (!empty() && !append(line)) flush(emit);
    if (empty()) begin(line, origin);
    if (is_complete()) flush(emit);
  }

  /// Gives what is pending.
  template <class Emit>
  void flush(const Emit& emit) {
    if (empty()) return;
    emit(Joined{text_, origin_, lines_});
    lines_ = 0;
  }

  /// The same, if the last line came longer ago than the time-out.
  template <class Emit>
  void flush_if_idle(Time now, const Emit& emit) {
    if (now - last_push_ >= rules_.timeout) flush(emit);
  }

  /// Forgets what is pending.
  void clear() { lines_ = 0; }

  [[nodiscard]] const MultiLineRules& rules() const { return rules_; }
  [[nodiscard]] bool empty() const { return lines_ == 0; }
  /// Of the record that is pending. Precondition: not empty.
  [[nodiscard]] const Origin& pending() const { return origin_; }

 private:
  /// False if the line does not belong to the record that is pending.
  bool append(std::string_view line);
  void begin(std::string_view line, Origin origin);
  [[nodiscard]] bool is_complete() const;
  bool append_text(std::string_view text);
  bool append_cri(std::string_view line);
  bool append_docker(std::string_view line);
  [[nodiscard]] bool has_room(std::size_t bytes) const {
    return lines_ < rules_.max_lines && text_.size() + bytes <= max_bytes_;
  }

  const MultiLineRules& rules_;
  std::size_t max_bytes_;
  std::string text_;
  std::size_t lines_ = 0;
  Origin origin_;
  Time last_push_{};
  TraceLines traces_;
  // kCri, kDocker: the record goes on; of which stream it is; where its flag or its text's end is.
  bool partial_ = false;
  std::string stream_;
  std::size_t place_ = 0;
};

}  // namespace livedata::ingest::pipeline
