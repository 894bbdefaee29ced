#pragma once

#include <functional>

#include "base/result.h"
#include "ingest/decoded.h"
#include "model/bookmark.h"

namespace livedata::collect {

/// Takes records, and how far their sources have been read with them, in one atomic step: on return
/// both are stored, after a failure neither is there, and after a loss of power both or neither.
/// There may be no records. What was refused of the source's records comes with them, to be
/// counted.
using Sink = std::function<Result<void>(ingest::Decoded, Bookmarks)>;

}  // namespace livedata::collect
