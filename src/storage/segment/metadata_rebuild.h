#pragma once

#include "storage/segment/segment_reader.h"

namespace livedata::storage::segment {

/// Makes a segment's metadata from its blocks alone, which describe themselves and repeat their
/// streams' labels: for a file of which a part behind the blocks, or the footer, is damaged. Blocks
/// whose header or keys are damaged are left out. There is no filter over the whole segment.
/// kCorrupt when not one block can be used.
Result<SegmentMetadata> rebuild_metadata(const SegmentReader& reader, StreamTable& streams);

}  // namespace livedata::storage::segment
