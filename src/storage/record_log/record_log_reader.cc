#include "storage/record_log/record_log_reader.h"

#include <optional>

#include "base/hash.h"
#include "encoding/byte_reader.h"
#include "storage/record_log/record_log_format.h"

namespace livedata::storage::record_log {
namespace {

struct Header {
  std::uint32_t length = 0;
  std::uint32_t payload_crc = 0;
};

/// The record header at the start of `bytes`, if there is a whole and undamaged one.
std::optional<Header> parse_header(std::string_view bytes) {
  if (bytes.size() < kRecordHeaderBytes) return std::nullopt;
  encoding::ByteReader in(bytes.substr(0, kRecordHeaderBytes));
  const std::uint32_t marker = in.u32();
  Header header;
  header.length = in.u32();
  header.payload_crc = in.u32();
  if (marker != kMarker || in.u32() != crc32c(bytes.substr(0, 12)) ||
      header.length > kMaxPayloadBytes)
    return std::nullopt;
  return header;
}

/// Offset of the next undamaged header at or behind `from`, or the end of the content.
std::size_t find_header(std::string_view content, std::size_t from) {
  std::string marker;
  encoding::ByteWriter(marker).u32(kMarker);
  while ((from = content.find(marker, from)) != std::string_view::npos) {
    if (parse_header(content.substr(from))) return from;
    ++from;
  }
  return content.size();
}

Result<void> check_file_header(std::string_view content, const Path& path) {
  encoding::ByteReader in(content.substr(0, kFileHeaderBytes));
  if (in.bytes(kMagic.size()) != kMagic) {
    return fail(ErrorCode::kCorrupt, "{} is not a record log", path.string());
  }
  if (const std::uint32_t version = in.u32(); version != kVersion) {
    return fail(ErrorCode::kUnsupported, "{} has format version {}; this livedata reads version {}",
                path.string(), version, kVersion);
  }
  return {};
}

}  // namespace

Result<RecordLogSummary> read_record_log(
    FileSystem& files, const Path& path,
    const std::function<Result<void>(std::string_view payload)>& visit) {
  LIVEDATA_TRY(const std::string content, files.read_all(path));
  RecordLogSummary summary;
  if (content.size() < kFileHeaderBytes) {
    summary.torn_bytes = content.size();
    return summary;
  }
  LIVEDATA_RETURN_IF_ERROR(check_file_header(content, path));
  const std::string_view all(content);
  std::size_t at = kFileHeaderBytes;
  summary.good_bytes = at;
  while (at < all.size()) {
    const auto header = parse_header(all.substr(at));
    const bool whole = header && header->length <= all.size() - at - kRecordHeaderBytes;
    const std::size_t end =
        whole ? at + kRecordHeaderBytes + header->length : find_header(all, at + 1);
    if (whole) {
      const std::string_view payload = all.substr(at + kRecordHeaderBytes, header->length);
      const Result<void> visited =
          crc32c(payload) == header->payload_crc
              ? visit(payload)
              : fail(ErrorCode::kCorrupt, "checksum of the record at byte {}", at);
      // Data of a newer version must not be taken for damage and cut off.
      if (!visited && visited.error().code == ErrorCode::kUnsupported) return fail(visited.error());
      if (visited) {
        // Whatever damage lay before this record is not a torn tail.
        summary.damaged_bytes += at - summary.good_bytes;
        if (at > summary.good_bytes) ++summary.damaged_regions;
        ++summary.records;
        summary.good_bytes = end;
      }
    }
    at = end;
  }
  summary.torn_bytes = all.size() - summary.good_bytes;
  return summary;
}

}  // namespace livedata::storage::record_log
