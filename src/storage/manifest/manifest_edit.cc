#include "storage/manifest/manifest_edit.h"

#include "encoding/byte_reader.h"
#include "encoding/byte_writer.h"

namespace livedata::storage {
namespace {

constexpr std::uint8_t kVersion = 1;

/// Segment files are <window>/<name>.seg.
bool is_segment_file(std::string_view file) {
  const std::size_t slash = file.find('/');
  return slash != std::string_view::npos && slash > 0 &&
         file.find('/', slash + 1) == std::string_view::npos &&
         file.find("..") == std::string_view::npos && file.ends_with(".seg");
}

SegmentMeta decode_segment(encoding::ByteReader& in) {
  SegmentMeta segment;
  segment.file = in.string();
  segment.window_start = in.signed_varint();
  segment.file_bytes = in.varint();
  segment.num_rows = in.varint();
  segment.min_timestamp = in.signed_varint();
  segment.max_timestamp = in.signed_varint();
  if (!is_segment_file(segment.file)) in.fail();
  return segment;
}

}  // namespace

std::string encode_edit(const ManifestEdit& edit) {
  std::string bytes;
  encoding::ByteWriter out(bytes);
  out.u8(kVersion);
  out.string(edit.node);
  out.varint(edit.next_segment);
  out.varint(edit.wal_start);
  out.varint(edit.added.size());
  for (const SegmentMeta& segment : edit.added) {
    out.string(segment.file);
    out.signed_varint(segment.window_start);
    out.varint(segment.file_bytes);
    out.varint(segment.num_rows);
    out.signed_varint(segment.min_timestamp);
    out.signed_varint(segment.max_timestamp);
  }
  return bytes;
}

Result<ManifestEdit> decode_edit(std::string_view bytes) {
  encoding::ByteReader in(bytes);
  if (const std::uint8_t version = in.u8(); version != kVersion) {
    return fail(ErrorCode::kUnsupported,
                "manifest edit version {} is unknown; it needs a newer livedata", version);
  }
  ManifestEdit edit;
  edit.node = in.string();
  edit.next_segment = in.varint();
  edit.wal_start = in.varint();
  edit.added.resize(in.count(6));
  for (SegmentMeta& segment : edit.added) segment = decode_segment(in);
  if (!in.done()) return fail(ErrorCode::kCorrupt, "damaged manifest edit");
  return edit;
}

}  // namespace livedata::storage
