#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/logger.h"
#include "base/mutex.h"
#include "ingest/pipeline/label_values.h"
#include "model/labels.h"

namespace livedata::ingest {

/// Bounds how many values the labels of a tenant have within a day, so that a sender who makes a
/// label of what differs from record to record costs no more than the others. One per tenant.
/// Thread-safe; a stream that was seen lately is found without a lock.
///
/// Memory: about 40 bytes for each value that is known, of which there are at most
/// kLabelsAtTheLimit times max_values.
class LabelGuard {
 public:
  static constexpr std::size_t kMaxNames = 1000;
  static constexpr std::size_t kLabelsAtTheLimit = 32;

  /// Both must outlive the guard. `max_values` of one label name; 0: no bound.
  LabelGuard(std::size_t max_values, Logger& logger) : max_values_(max_values), logger_(logger) {}

  /// Takes those labels of a stream away that may not have their values, and returns them. The name
  /// of the service stays, as unknown_service; what it was comes back as kServiceNameAsField.
  /// `source` is the door, for the notice that an operator gets once a day for each label.
  std::vector<Label> take_away(StreamRef& stream, std::string_view source, TimestampNs now)
      LIVEDATA_EXCLUDES(mutex_);

 private:
  bool admit(const Label& label, std::string_view source, TimestampNs now)
      LIVEDATA_REQUIRES(mutex_);
  void begin_day(TimestampNs now) LIVEDATA_REQUIRES(mutex_);

  const std::size_t max_values_;
  Logger& logger_;
  // Streams of which every label was admitted today, by their hash's lowest bits; 0: none.
  std::array<std::atomic<std::uint64_t>, 8192> known_{};
  std::atomic<TimestampNs> day_end_{0};
  Mutex mutex_;
  std::unordered_map<std::string, pipeline::LabelValues> names_ LIVEDATA_GUARDED_BY(mutex_);
  std::size_t num_values_ LIVEDATA_GUARDED_BY(mutex_) = 0;
  bool told_of_names_ LIVEDATA_GUARDED_BY(mutex_) = false;
};

/// The field that holds a service's name where the label may not.
constexpr std::string_view kServiceNameAsField = "service_name_raw";

}  // namespace livedata::ingest
