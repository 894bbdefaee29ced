#include "storage/check/segment_inspection.h"

#include <algorithm>
#include <functional>

#include "base/bytes.h"
#include "encoding/integer_column.h"
#include "encoding/string_encoding.h"
#include "storage/segment/segment_reader.h"

namespace livedata::storage {
namespace {

using segment::BlockEntry;
using segment::BlockPart;
using segment::PartKind;

std::string column_name(const BlockPart& part) {
  switch (part.kind) {
    case PartKind::kTimestamps:
      return "timestamp";
    case PartKind::kStreams:
      return "stream";
    case PartKind::kLines:
      return "line";
    case PartKind::kGrams:
      return "filter of substrings";
    case PartKind::kValues:
      return "filter of field values";
    case PartKind::kField:
      return "field " + part.field;
    case PartKind::kLabels:
      return "labels of the block";
  }
  return "?";
}

std::string encoding_of(const BlockPart& part, std::string_view bytes) {
  const auto byte_at = [&](std::size_t i) {
    return i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : std::uint8_t{0};
  };
  switch (part.kind) {
    case PartKind::kTimestamps:
      return std::string(encoding::integer_encoding_name(byte_at(0)));
    case PartKind::kStreams:
      return "run length";
    case PartKind::kLines:
      return std::string(encoding::string_encoding_name(byte_at(0)));
    case PartKind::kGrams:
    case PartKind::kValues:
      return "bits";
    case PartKind::kLabels:
      return "postings";
    case PartKind::kField:
      // Only dense columns begin with their values' encoding.
      if (byte_at(0) != 1) return "sparse";
      if (part.type == FieldType::kString)
        return std::string(encoding::string_encoding_name(byte_at(1)));
      return part.type == FieldType::kDouble
                 ? "double"
                 : std::string(encoding::integer_encoding_name(byte_at(1)));
  }
  return "?";
}

std::uint64_t raw_bytes(const FieldColumn& column) {
  return column.strings.bytes().size() + column.integers.size() * sizeof(std::int64_t) +
         column.doubles.size() * sizeof(double);
}

class Inspector {
 public:
  Inspector(const segment::SegmentReader& reader, const segment::SegmentMetadata& metadata)
      : reader_(reader), metadata_(metadata) {}

  Result<SegmentInspection> run() {
    out_.file_bytes = reader_.file_bytes();
    out_.num_rows = reader_.num_rows();
    out_.num_streams = metadata_.streams.size();
    out_.num_blocks = metadata_.blocks.size();
    out_.min_timestamp = reader_.min_timestamp();
    out_.max_timestamp = reader_.max_timestamp();
    std::uint64_t in_parts = 0;
    for (const BlockEntry& block : metadata_.blocks) {
      LIVEDATA_RETURN_IF_ERROR(add_block(block));
      for (const BlockPart& part : block.parts) in_parts += part.size;
    }
    out_.other_bytes["headers of blocks"] =
        reader_.block_bytes() - segment::kHeaderBytes - in_parts;
    out_.other_bytes["stream table"] = reader_.part_bytes(segment::kStreamsPart);
    out_.other_bytes["labels"] = reader_.part_bytes(segment::kLabelsPart);
    out_.other_bytes["directory"] = reader_.part_bytes(segment::kDirectoryPart);
    out_.other_bytes["filter of the segment"] = reader_.part_bytes(segment::kGramsPart);
    out_.other_bytes["header and footer"] = segment::kHeaderBytes + segment::kFooterBytes;
    return std::move(out_);
  }

 private:
  Result<void> add_block(const BlockEntry& block) {
    for (const BlockPart& part : block.parts) {
      LIVEDATA_TRY(const std::string bytes, reader_.read_part(block, part));
      ColumnInspection& column = column_of(column_name(part));
      column.stored_bytes += part.size;
      ++column.encodings[encoding_of(part, bytes)];
    }
    LIVEDATA_TRY(segment::BlockKeys keys, reader_.read_keys(metadata_, block));
    LIVEDATA_TRY(const RecordBatch batch,
                 reader_.read_block(metadata_, block, std::move(keys), ColumnSelection()));
    column_of("timestamp").raw_bytes += batch.num_rows() * sizeof(TimestampNs);
    column_of("stream").raw_bytes += batch.num_rows() * sizeof(StreamOrdinal);
    column_of("line").raw_bytes += batch.lines().bytes().size();
    for (const FieldColumn& field : batch.field_columns())
      column_of("field " + field.name).raw_bytes += raw_bytes(field);
    return {};
  }

  ColumnInspection& column_of(const std::string& name) {
    const auto found = std::find_if(out_.columns.begin(), out_.columns.end(),
                                    [&](const ColumnInspection& c) { return c.name == name; });
    if (found != out_.columns.end()) return *found;
    return out_.columns.emplace_back(ColumnInspection{.name = name});
  }

  const segment::SegmentReader& reader_;
  const segment::SegmentMetadata& metadata_;
  SegmentInspection out_;
};

}  // namespace

Result<SegmentInspection> inspect_segment(FileSystem& files, const Path& path) {
  const segment::SegmentSharing sharing{std::make_shared<StreamTable>(),
                                        std::make_shared<segment::SegmentCache>(64_MiB, 0)};
  LIVEDATA_TRY(const auto reader, segment::SegmentReader::open(files, path, sharing));
  LIVEDATA_TRY(const auto metadata, reader->metadata());
  return Inspector(*reader, *metadata).run();
}

}  // namespace livedata::storage
