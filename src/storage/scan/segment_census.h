#pragma once

#include "base/result.h"
#include "storage/census/column_census.h"
#include "storage/scan/snapshot.h"

namespace livedata::storage {

/// Which labels and fields a snapshot's records have: from the directories of segments, from those
/// blocks that streams of several groups share, from the head, and as the archive tells. What a
/// segment holds is kept in its cache. What is damaged counts nothing.
ColumnCensus count_columns(const Snapshot& snapshot);

}  // namespace livedata::storage
