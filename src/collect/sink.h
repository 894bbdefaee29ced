#pragma once

#include <functional>

#include "base/result.h"
#include "model/bookmark.h"
#include "model/record_batch.h"

namespace livedata::collect {

/// Takes records, and how far their sources have been read with them, in one atomic step: on return
/// both are durable, after a failure neither is there. There may be no records.
using Sink = std::function<Result<void>(RecordBatch, Bookmarks)>;

}  // namespace livedata::collect
