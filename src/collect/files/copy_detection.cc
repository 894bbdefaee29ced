#include "collect/files/copy_detection.h"

#include <algorithm>
#include <array>

namespace livedata::collect {
namespace {

constexpr std::uint64_t kCompareBytes = 4096;
constexpr std::size_t kMagicBytes = 6;  // that tell how a file is compressed
constexpr std::uint64_t kNearBytes = 256 * 1024;

bool has_suffix_of_compression(const std::string& name) {
  return without_compression_suffix(name).size() < name.size();
}

/// The range in both; kUnknown if the candidate does not have it yet.
Likeness compare_range(ByteSource& candidate, ByteSource& original, std::uint64_t offset,
                       std::uint64_t size) {
  std::string candidate_buffer;
  std::string original_buffer;
  const auto copied = candidate.read(offset, size, candidate_buffer);
  if (!copied || copied->empty()) return Likeness::kUnknown;
  const auto written = original.read(offset, copied->size(), original_buffer);
  return written && *written == *copied ? Likeness::kSame : Likeness::kOther;
}

}  // namespace

Result<std::unique_ptr<ByteSource>> open_source(const SeenFile& file) {
  if (file.names.empty()) return fail(ErrorCode::kNotFound, "the file is gone");
  const std::string path = file.path();
  LIVEDATA_TRY(FileHandle handle, open_file(path));
  const auto status = status_of(handle);
  if (!status || !status->id.same_as(file.status.id))
    return fail(ErrorCode::kNotFound, "{}: another file has the name now", path);
  Compression compression = Compression::kNone;
  if (has_suffix_of_compression(file.name())) {
    std::array<char, kMagicBytes> head{};
    const std::size_t got = read_at(handle, 0, head).value_or(0);
    if (got < kMagicBytes)
      return fail(ErrorCode::kUnavailable, "{}: the file is too short to tell what it is", path);
    compression = detect_compression({head.data(), got});
  }
  if (compression == Compression::kUnknown)
    return fail(ErrorCode::kUnsupported, "{}: this compression can't be read", path);
  return ByteSource::make(std::move(handle), compression);
}

Likeness compare(ByteSource& candidate, const ContentMark& mark) {
  std::string buffer;
  const auto head = candidate.read(0, mark.head_bytes(), buffer);
  if (!head) return Likeness::kOther;
  if (head->size() < mark.head_bytes()) {
    const bool may_grow = candidate.is_compressed() && !candidate.is_complete();
    return may_grow ? Likeness::kUnknown : Likeness::kOther;
  }
  if (!mark.has_head(*head)) return Likeness::kOther;
  // Further in it is told on the way.
  if (candidate.is_compressed() && mark.offset > kNearBytes) return Likeness::kSame;
  if (candidate.is_compressed()) {
    const auto text = candidate.read(mark.offset - mark.tail_bytes(), mark.tail_bytes(), buffer);
    if (text && text->size() < mark.tail_bytes())
      return candidate.is_complete() ? Likeness::kShorter : Likeness::kUnknown;
    return text && mark.has_tail(*text) ? Likeness::kSame : Likeness::kOther;
  }
  const auto status = status_of(candidate.file());
  if (!status) return Likeness::kOther;
  if (status->size < mark.offset) return Likeness::kShorter;
  const auto tail = candidate.read(mark.offset - mark.tail_bytes(), mark.tail_bytes(), buffer);
  return tail && mark.has_tail(*tail) ? Likeness::kSame : Likeness::kOther;
}

Likeness compare(ByteSource& candidate, ByteSource& original) {
  if (candidate.is_compressed()) return compare_range(candidate, original, 0, kCompareBytes);
  const auto status = status_of(candidate.file());
  if (!status || status->size == 0) return Likeness::kUnknown;
  const Likeness start =
      compare_range(candidate, original, 0, std::min(status->size, kCompareBytes));
  if (start != Likeness::kSame || status->size <= kCompareBytes) return start;
  return compare_range(candidate, original, status->size - kCompareBytes, kCompareBytes);
}

bool may_be_copy(const FileId& candidate, const FileId& original) {
  return candidate.born == 0 || original.born == 0 || candidate.device != original.device ||
         candidate.born >= original.born;
}

}  // namespace livedata::collect
