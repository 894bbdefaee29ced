#include "storage/segment/metadata_rebuild.h"

#include <algorithm>

#include "encoding/zstd.h"

namespace livedata::storage::segment {
namespace {

class MetadataRebuild {
 public:
  MetadataRebuild(const SegmentReader& reader, StreamTable& streams)
      : reader_(reader), stream_table_(streams) {}

  Result<SegmentMetadata> run() {
    LIVEDATA_TRY(BlockScan scan, reader_.scan_blocks());
    std::size_t num_streams = 0;
    for (const BlockEntry& block : scan.blocks)
      num_streams = std::max<std::size_t>(num_streams, std::size_t{block.last_stream} + 1);
    out_.streams.resize(num_streams);
    for (BlockEntry& block : scan.blocks) {
      auto added = add_block(block);
      if (added) {
        out_.blocks.push_back(std::move(block));
      } else if (added.error().code != ErrorCode::kCorrupt) {
        return fail(std::move(added).error());
      }
    }
    if (out_.blocks.empty())
      return fail(ErrorCode::kCorrupt, "{}: no block can be read", reader_.path().string());
    finish_streams();
    return std::move(out_);
  }

 private:
  Result<void> add_block(const BlockEntry& block) {
    LIVEDATA_RETURN_IF_ERROR(add_labels(block));
    LIVEDATA_TRY(const BlockKeys keys, reader_.read_keys(out_, block));
    for (std::size_t row = 0; row < keys.streams.size(); ++row) {
      StreamEntry& entry = out_.streams[keys.streams[row]];
      const TimestampNs time = keys.timestamps[row];
      entry.min_timestamp = entry.num_rows == 0 ? time : std::min(entry.min_timestamp, time);
      entry.max_timestamp = entry.num_rows == 0 ? time : std::max(entry.max_timestamp, time);
      ++entry.num_rows;
    }
    return {};
  }

  Result<void> add_labels(const BlockEntry& block) {
    const BlockPart* part = block.find(PartKind::kLabels);
    if (part == nullptr) return fail(ErrorCode::kCorrupt, "a block without labels");
    LIVEDATA_TRY(const std::string bytes, reader_.read_part(block, *part));
    LIVEDATA_TRY(const std::vector<Labels> labels,
                 decode_block_labels(bytes, block.last_stream - block.first_stream + 1));
    for (std::size_t i = 0; i < labels.size(); ++i) {
      StreamRef& stream = out_.streams[block.first_stream + i].stream;
      if (stream == nullptr)
        stream = stream_table_.intern(std::make_shared<const Stream>(labels[i]));
    }
    return {};
  }

  /// Streams that only lost blocks had keep their numbers, without labels and rows.
  void finish_streams() {
    std::vector<StreamRef> streams;
    for (StreamEntry& entry : out_.streams) {
      if (entry.stream == nullptr)
        entry.stream = stream_table_.intern(std::make_shared<const Stream>(Labels()));
      streams.push_back(entry.stream);
    }
    out_.postings = LabelPostings::build(streams);
  }

  const SegmentReader& reader_;
  StreamTable& stream_table_;
  SegmentMetadata out_;
};

}  // namespace

Result<SegmentMetadata> rebuild_metadata(const SegmentReader& reader, StreamTable& streams) {
  return MetadataRebuild(reader, streams).run();
}

}  // namespace livedata::storage::segment
