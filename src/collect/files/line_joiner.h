#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace re2 {
class RE2;
}

namespace livedata::collect {

/// Which lines of a file make one record. Immutable; copies share the regex.
struct JoinRules {
  std::shared_ptr<const re2::RE2> first_line = nullptr;  ///< what it meets begins a record
  bool by_indentation = false;  ///< an empty line, or one that begins with space, continues one
  std::size_t max_lines = 500;
  std::size_t max_bytes = 256 * 1024;
  std::chrono::nanoseconds timeout = std::chrono::seconds(3);

  [[nodiscard]] bool any() const { return first_line != nullptr || by_indentation; }
};

/// Joins the lines of one file into records. What is complete is given when the next record
/// begins, or when no line came for a while. Not thread-safe.
class LineJoiner {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// Of a record's first line.
  struct Origin {
    std::uint64_t offset = 0;  ///< in the file
    bool continues = false;    ///< see RawLine
    TimestampNs time = 0;      ///< when it was read, wall time
  };
  /// The text is valid until the next call.
  using Emit = std::function<void(std::string_view text, const Origin& origin)>;

  virtual ~LineJoiner() = default;
  virtual void push(std::string_view line, const Origin& origin, Time now, const Emit& emit) = 0;
  /// Gives what is pending.
  virtual void flush(const Emit& emit) = 0;
  /// The same, if no line came for the time-out.
  virtual void flush_if_idle(Time now, const Emit& emit) = 0;
  /// Of the record that is pending; null if there is none.
  [[nodiscard]] virtual const Origin* pending() const = 0;
  /// Forgets what is pending.
  virtual void clear() = 0;
};

/// Records have at most `max_bytes`, or what the rules say if that is less. Null if the rules join
/// nothing. The rules must outlive the joiner.
std::unique_ptr<LineJoiner> make_line_joiner(const JoinRules& rules, std::size_t max_bytes);

}  // namespace livedata::collect
