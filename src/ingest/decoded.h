#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/label_matcher.h"
#include "model/limits.h"
#include "model/record_batch.h"

namespace livedata::ingest {

namespace pipeline {
class Pipelines;
struct MultiLineRules;
}  // namespace pipeline

class LabelGuard;

/// What a decoder needs to know beside the bytes.
struct DecodeContext {
  const Limits& limits;
  TimestampNs now;               ///< arrival; the time of records that carry none
  std::string_view source = {};  ///< the door, as pipelines name it: "loki", "syslog", ...
  const pipeline::Pipelines* pipelines = nullptr;  ///< what records go through; null: nothing
  LabelGuard* label_guard = nullptr;  ///< bounds how many values labels have; null: nothing does
  /// What the labels of a stream must meet for the sender to write to it; null: nothing.
  const std::vector<LabelMatcher>* writable = nullptr;
};

/// Records that were not taken, grouped by why. `reason` is Loki's name for it, such as
/// line_too_long.
struct Rejection {
  std::string reason;
  std::string message;  ///< of the first one: stream, limit, value found
  std::size_t count = 0;
};

/// What a request held: the good records, and what was refused of it.
struct Decoded {
  RecordBatch batch;
  std::vector<Rejection> rejected;
  std::string_view source = {};          ///< the door; lives as long as the program
  std::size_t num_dropped = 0;           ///< by pipelines, which were told to
  std::size_t num_truncated = 0;         ///< records whose lines were cut
  std::size_t num_labels_as_fields = 0;  ///< labels that had too many values already

  [[nodiscard]] std::size_t num_rejected() const {
    std::size_t total = 0;
    for (const Rejection& rejection : rejected) total += rejection.count;
    return total;
  }
};

}  // namespace livedata::ingest
