#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/text_arena.h"
#include "ingest/pipeline/record.h"
#include "model/limits.h"

namespace livedata::ingest::pipeline {

/// What the records of one request share while they go through pipelines: the time of arrival, and
/// memory that is used again and again. Not thread-safe; one for each thread.
class PipelineRun {
 public:
  PipelineRun(const Limits& limits, TimestampNs now) : record_(limits), now_(now) {}
  PipelineRun(const PipelineRun&) = delete;
  PipelineRun& operator=(const PipelineRun&) = delete;

  /// Begins a record, and ends the life of every view that the one before held into the arena.
  PipelineRecord& begin(const Labels& labels, TimestampNs timestamp, std::string_view line,
                        std::vector<Field>& fields) {
    arena_.clear();
    next_scratch_ = 0;
    record_.reset(labels, timestamp, line, fields);
    return record_;
  }

  /// Texts that live as long as the record.
  [[nodiscard]] TextArena& arena() { return arena_; }
  /// Memory that lives as long as the record. Aligned for everything.
  [[nodiscard]] std::span<char> scratch(std::size_t size);
  [[nodiscard]] const Limits& limits() const { return record_.limits(); }
  /// Arrival; nanoseconds since 1970.
  [[nodiscard]] TimestampNs now() const { return now_; }
  /// Why no record can have this time, or "". A time that a record states is not to cost it.
  [[nodiscard]] std::string_view problem_with(TimestampNs time) const;
  void set_now(TimestampNs now) { now_ = now; }

 private:
  TextArena arena_;
  std::vector<std::vector<char>> scratch_;
  std::size_t next_scratch_ = 0;
  PipelineRecord record_;
  TimestampNs now_;
};

}  // namespace livedata::ingest::pipeline
