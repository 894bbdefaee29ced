#include "storage/scan/segment_census.h"

namespace livedata::storage {
namespace {

/// Fields of a block whose streams belong to several groups. A damaged block counts nothing.
void add_mixed_block(const segment::SegmentReader& segment,
                     const segment::SegmentMetadata& metadata, const segment::BlockEntry& block,
                     CensusTaker& taker) {
  auto keys = segment.read_keys(metadata, block);
  if (!keys) return;
  ColumnSelection fields_only;
  fields_only.lines = false;
  const auto batch = segment.read_block(metadata, block, *std::move(keys), fields_only);
  if (!batch) return;
  for (const FieldColumn& column : batch->field_columns())
    taker.add_field(column, batch->stream_ordinals(), block.first_stream);
}

ColumnCensus count_segment(const segment::SegmentReader& segment,
                           const segment::SegmentMetadata& metadata) {
  CensusTaker taker;
  for (const segment::StreamEntry& entry : metadata.streams)
    taker.add_stream(entry.stream->labels, entry.num_rows);
  for (const segment::BlockEntry& block : metadata.blocks) {
    if (!taker.share_group(block.first_stream, block.last_stream)) {
      add_mixed_block(segment, metadata, block, taker);
      continue;
    }
    for (const segment::BlockPart& part : block.parts) {
      if (part.kind == segment::PartKind::kField)
        taker.add_field(block.first_stream, part.field, part.type, block.num_rows);
    }
  }
  return taker.take();
}

}  // namespace

ColumnCensus count_columns(const Snapshot& snapshot) {
  ColumnCensus census;
  for (const Snapshot::Segment& segment : snapshot.segments) {
    const auto counted =
        segment.reader->derived<ColumnCensus>([&](const segment::SegmentMetadata& metadata) {
          return count_segment(*segment.reader, metadata);
        });
    if (counted) census.add(**counted);
  }
  for (const ArchivedFile& file : snapshot.archived) {
    if (file.census != nullptr) census.add(*file.census);
  }
  for (const Snapshot::Head& head : snapshot.head) census.add(head.batch->census());
  return census;
}

}  // namespace livedata::storage
