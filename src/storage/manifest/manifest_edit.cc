#include "storage/manifest/manifest_edit.h"

#include <array>

#include "encoding/byte_reader.h"
#include "encoding/byte_writer.h"

namespace livedata::storage {
namespace {

constexpr std::uint8_t kVersion = 3;

/// Segment files are <window>/<name>.seg.
bool is_segment_file(std::string_view file) {
  const std::size_t slash = file.find('/');
  return slash != std::string_view::npos && slash > 0 &&
         file.find('/', slash + 1) == std::string_view::npos &&
         file.find("..") == std::string_view::npos && file.ends_with(".seg");
}

void encode_segment(const SegmentMeta& segment, encoding::ByteWriter& out) {
  out.string(segment.file);
  out.signed_varint(segment.window_start);
  out.signed_varint(segment.window_end);
  out.varint(segment.file_bytes);
  out.varint(segment.num_rows);
  out.signed_varint(segment.min_timestamp);
  out.signed_varint(segment.max_timestamp);
  out.u8(static_cast<std::uint8_t>(segment.tier));
  out.signed_varint(segment.created);
  out.varint(segment.delete_horizon);
  out.signed_varint(segment.expired_since);
}

SegmentMeta decode_segment(encoding::ByteReader& in) {
  SegmentMeta segment;
  segment.file = in.string();
  segment.window_start = in.signed_varint();
  segment.window_end = in.signed_varint();
  segment.file_bytes = in.varint();
  segment.num_rows = in.varint();
  segment.min_timestamp = in.signed_varint();
  segment.max_timestamp = in.signed_varint();
  const std::uint8_t tier = in.u8();
  segment.tier = static_cast<Tier>(tier);
  segment.created = in.signed_varint();
  segment.delete_horizon = in.varint();
  segment.expired_since = in.signed_varint();
  if (tier > static_cast<std::uint8_t>(Tier::kCold) || !is_segment_file(segment.file)) in.fail();
  return segment;
}

}  // namespace

std::string_view name(Tier tier) {
  constexpr std::array<std::string_view, 3> kNames = {"hot", "warm", "cold"};
  return kNames[static_cast<std::size_t>(tier)];
}

std::string encode_edit(const ManifestEdit& edit) {
  std::string bytes;
  encoding::ByteWriter out(bytes);
  out.u8(kVersion);
  out.string(edit.node);
  out.varint(edit.next_segment);
  out.varint(edit.wal_start);
  out.varint(edit.last_request);
  out.varint(edit.removed.size());
  for (const std::string& file : edit.removed) out.string(file);
  out.varint(edit.added.size());
  for (const SegmentMeta& segment : edit.added) encode_segment(segment, out);
  out.varint(edit.requests.size());
  for (const DeleteRequest& request : edit.requests) {
    out.u8(request.is_processed ? 1 : 0);
    encode_delete_request(request, out);
  }
  out.varint(edit.cancelled.size());
  for (const std::uint64_t id : edit.cancelled) out.varint(id);
  out.varint(edit.bookmarks.size());
  for (const auto& [key, value] : edit.bookmarks) {
    out.string(key);
    out.string(value);
  }
  return bytes;
}

Result<ManifestEdit> decode_edit(std::string_view bytes) {
  encoding::ByteReader in(bytes);
  if (const std::uint8_t version = in.u8(); version != kVersion) {
    return fail(ErrorCode::kUnsupported, "manifest edit version {}; this livedata reads version {}",
                version, kVersion);
  }
  ManifestEdit edit;
  edit.node = in.string();
  edit.next_segment = in.varint();
  edit.wal_start = in.varint();
  edit.last_request = in.varint();
  edit.removed.resize(in.count());
  for (std::string& file : edit.removed) file = in.string();
  edit.added.resize(in.count(11));
  for (SegmentMeta& segment : edit.added) segment = decode_segment(in);
  for (std::size_t n = in.count(8); n > 0; --n) {
    const bool is_processed = in.u8() != 0;
    LIVEDATA_TRY(DeleteRequest request, decode_delete_request(in));
    request.is_processed = is_processed;
    edit.requests.push_back(std::move(request));
  }
  edit.cancelled.resize(in.count());
  for (std::uint64_t& id : edit.cancelled) id = in.varint();
  for (std::size_t n = in.count(2); n > 0; --n) {
    const std::string_view key = in.string();
    edit.bookmarks.emplace(key, in.string());
  }
  if (!in.done()) return fail(ErrorCode::kCorrupt, "damaged manifest edit");
  return edit;
}

}  // namespace livedata::storage
