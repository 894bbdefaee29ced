#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "collect/custom/collector_spec.h"
#include "collect/custom/readings.h"
#include "ingest/label_guard.h"
#include "model/limits.h"
#include "model/record_batch.h"

namespace livedata::collect::custom {

/// Turns what a collector read into records. The stream of a record is {source=<collector>, host},
/// the collector's own labels, and those texts of the reading that are labels (CollectorSpec
/// ::stream_labels), called exported_... where that name is taken. The numbers are its fields, as
/// are the other texts. Series with the same texts and time become one record. Not thread-safe.
class RecordMaker {
 public:
  /// References must outlive the object. `guard` makes fields of labels that have too many values;
  /// may be null.
  RecordMaker(const CollectorSpec& spec, std::string host, const Limits& limits,
              ingest::LabelGuard* guard = nullptr);

  struct Outcome {
    std::size_t num_out_of_time = 0;  ///< whose time was too old, or too far ahead
  };
  /// Adds the records of one run. NaN says that there is no value, and is left out.
  Outcome add(const Readings& readings, TimestampNs now, RecordBatch& batch) const;

 private:
  [[nodiscard]] bool is_stream_label(std::string_view name, bool is_of_series) const;
  [[nodiscard]] bool is_in_time(TimestampNs time, TimestampNs now) const;
  /// Numbers that belong to the texts, line and time of the reading `first`.
  struct Group {
    std::size_t first = 0;
    std::vector<Field> numbers;
  };
  void add_record(const Readings& readings, const Group& group, TimestampNs now,
                  RecordBatch& batch) const;

  const CollectorSpec& spec_;
  const std::string host_;
  const Limits& limits_;
  ingest::LabelGuard* const guard_;
};

}  // namespace livedata::collect::custom
