#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "model/record_batch.h"
#include "query/saved/saved_query.h"

namespace livedata::query::saved {

/// Rows of one answer that are recorded at most.
constexpr std::size_t kMaxRecordedRows = 10'000;

/// What a scheduled query answered, as records like those of host metrics: stream
/// {source="NAME", recorded="true"}, empty line, a field for each column. `ndjson` has an object
/// per row. A row's time is its member "time" (RFC 3339), else `at`. kTooLarge: more rows than are
/// recorded.
Result<RecordBatch> to_records(const SavedQuery& query, std::string_view ndjson, TimestampNs at);

}  // namespace livedata::query::saved
