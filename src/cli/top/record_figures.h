#pragma once

#include <span>
#include <string_view>

#include "cli/top/figures.h"
#include "model/record_batch.h"

namespace livedata::cli::top {

/// A record of host metrics (docs/host-metrics.md), from a collector or from a server. Numbers may
/// be text.
struct MetricRecord {
  std::string_view source;
  TimestampNs time = 0;
  std::span<const Field> fields;

  [[nodiscard]] const FieldValue* find(std::string_view name) const;
  /// 0 where it is none.
  [[nodiscard]] double number(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] std::string_view text(std::string_view name) const;
};

/// Takes over what the record says of the machine; other sources change nothing. Of several records
/// of one source the last one taken stays.
void take_record(const MetricRecord& record, HostFigures& host);

/// A record of the source `process`.
ProcessFigures process_of(const MetricRecord& record);

}  // namespace livedata::cli::top
