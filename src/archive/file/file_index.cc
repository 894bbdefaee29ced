#include "archive/file/file_index.h"

#include "base/hash.h"
#include "encoding/zstd.h"

namespace livedata::archive {
namespace {

using storage::segment::BlockEntry;
using storage::segment::SegmentMetadata;

constexpr std::string_view kMagic = "LDARCIDX";
constexpr std::uint32_t kVersion = 1;
constexpr int kZstdLevel = 6;

tl::unexpected<Error> corrupt() {
  return fail(ErrorCode::kCorrupt, "damaged index of an archived file");
}

template <class Encode>
std::string encoded(const Encode& encode) {
  std::string bytes;
  encoding::ByteWriter out(bytes);
  encode(out);
  return bytes;
}

std::string encode_blocks(const std::vector<BlockEntry>& blocks) {
  return encoded([&](auto& out) { storage::segment::encode_directory(blocks, out); });
}

/// The rows of the blocks follow each other, and belong to streams that there are.
Result<std::vector<BlockEntry>> decode_blocks(std::string_view bytes, std::size_t num_streams) {
  encoding::ByteReader in(bytes);
  std::vector<BlockEntry> blocks(in.count(8));
  std::uint64_t next_row = 0;
  for (BlockEntry& block : blocks) {
    const std::uint64_t first_row = in.varint();
    block = storage::segment::decode_block(in);
    block.offset = first_row;
    if (!in.ok() || first_row != next_row || block.last_stream >= num_streams) return corrupt();
    next_row += block.num_rows;
  }
  if (!in.done()) return corrupt();
  return blocks;
}

Result<SegmentMetadata> decode_metadata(encoding::ByteReader& in) {
  SegmentMetadata out;
  encoding::ByteReader streams_in(in.string());
  LIVEDATA_TRY(out.streams, storage::segment::decode_streams(streams_in));
  encoding::ByteReader labels_in(in.string());
  LIVEDATA_TRY(out.postings, storage::LabelPostings::decode(labels_in, out.streams.size()));
  std::vector<Labels> labels = out.postings.label_sets();
  for (std::size_t i = 0; i < labels.size(); ++i)
    out.streams[i].stream = std::make_shared<const Stream>(std::move(labels[i]));
  LIVEDATA_TRY(out.blocks, decode_blocks(in.string(), out.streams.size()));
  const std::string_view grams = in.string();
  if (!grams.empty()) {
    encoding::ByteReader grams_in(grams);
    LIVEDATA_TRY(out.grams, encoding::GramFilter::decode(grams_in));
  }
  return out;
}

}  // namespace

std::size_t FileIndex::size_bytes() const {
  return metadata.size_bytes() + columns.size() * sizeof(ValueColumn);
}

std::string encode_index(const FileIndex& index) {
  const SegmentMetadata& metadata = index.metadata;
  const std::string raw = encoded([&](encoding::ByteWriter& out) {
    out.string(encode_columns(index.columns));
    out.string(
        encoded([&](auto& part) { storage::segment::encode_streams(metadata.streams, part); }));
    out.string(encoded([&](auto& part) { metadata.postings.encode(part); }));
    out.string(encode_blocks(metadata.blocks));
    out.string(metadata.grams ? encoded([&](auto& part) { metadata.grams->encode(part); }) : "");
  });
  const std::string frame = encoding::zstd_compress(raw, kZstdLevel);
  return encoded([&](encoding::ByteWriter& out) {
    out.bytes(kMagic);
    out.u32(kVersion);
    out.u64(raw.size());
    out.u32(crc32c(frame));
    out.bytes(frame);
  });
}

Result<FileIndex> decode_index(std::string_view bytes) {
  encoding::ByteReader header(bytes);
  if (header.bytes(kMagic.size()) != kMagic) return corrupt();
  if (const std::uint32_t version = header.u32(); header.ok() && version != kVersion) {
    return fail(ErrorCode::kUnsupported,
                "the index of an archived file has version {}; use a later livedata", version);
  }
  const std::uint64_t raw_size = header.u64();
  const std::uint32_t crc = header.u32();
  const std::string_view frame = header.rest();
  if (!header.ok() || raw_size > kMaxIndexBytes || crc32c(frame) != crc) return corrupt();
  LIVEDATA_TRY(const std::string raw,
               encoding::zstd_decompress(frame, static_cast<std::size_t>(raw_size)));
  encoding::ByteReader in(raw);
  FileIndex index;
  LIVEDATA_TRY(index.columns, decode_columns(in.string()));
  LIVEDATA_TRY(index.metadata, decode_metadata(in));
  if (!in.done()) return corrupt();
  return index;
}

}  // namespace livedata::archive
