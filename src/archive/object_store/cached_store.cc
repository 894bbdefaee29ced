#include "archive/object_store/cached_store.h"

#include <algorithm>
#include <cstring>

#include "archive/object_store/piece_file.h"

namespace livedata::archive {
namespace {

/// Pieces that are asked for in one request.
constexpr std::uint64_t kMostAtOnce = 8;

}  // namespace

CachedStore::CachedStore(std::unique_ptr<ObjectStore> store, FileSystem& files, Options options)
    : store_(std::move(store)), files_(files), options_(std::move(options)) {}

PieceFolder* CachedStore::folder() {
  const MutexLock lock(mutex_);
  if (!is_tried_) {
    is_tried_ = true;
    auto opened = PieceFolder::open(files_, options_.folder, options_.max_bytes);
    if (opened) {
      folder_ = *std::move(opened);
    } else {
      error_ = std::move(opened).error().message;
    }
  }
  return folder_.get();
}

void CachedStore::forget(std::string_view key) {
  ++num_changes_;
  if (PieceFolder* pieces = folder(); pieces != nullptr) pieces->remove_all(piece_name_prefix(key));
}

std::optional<std::string> CachedStore::find(PieceFolder& folder, std::string_view key,
                                             std::uint64_t number) {
  const std::string name = piece_name(key, number);
  auto content = folder.find(name);
  if (!content) return {};
  const auto bytes = decode_piece(*content, key, number);
  if (!bytes || bytes->size() > kPieceBytes) {
    ++damaged_;
    folder.remove(name);
    return {};
  }
  ++hits_;
  return std::string(*bytes);
}

/// The bytes of pieces that follow each other, kept one by one.
Result<std::string> CachedStore::fetch(PieceFolder& folder, std::string_view key,
                                       std::uint64_t first, std::uint64_t num_pieces,
                                       const Deadline& deadline) {
  const std::uint64_t before = num_changes_;
  misses_ += num_pieces;
  std::string bytes(static_cast<std::size_t>(num_pieces * kPieceBytes), '\0');
  LIVEDATA_TRY(const std::size_t size, store_->read(key, first * kPieceBytes, bytes, deadline));
  bytes.resize(size);
  for (std::uint64_t n = 0; n < num_pieces && before == num_changes_; ++n) {
    const auto at = static_cast<std::size_t>(n * kPieceBytes);
    // What is behind the end is not kept.
    if (at >= size) break;
    const std::string_view piece = std::string_view(bytes).substr(at, kPieceBytes);
    if (!folder.insert(piece_name(key, first + n), encode_piece(key, first + n, piece)))
      ++not_stored_;
  }
  return bytes;
}

Result<std::size_t> CachedStore::read(std::string_view key, std::uint64_t offset,
                                      std::span<char> target, const Deadline& deadline) {
  PieceFolder* const pieces = folder();
  if (pieces == nullptr) return store_->read(key, offset, target, deadline);
  std::size_t num_read = 0;
  while (num_read < target.size()) {
    LIVEDATA_RETURN_IF_ERROR(deadline.check());
    const std::uint64_t at = offset + num_read;
    const std::uint64_t first = at / kPieceBytes;
    const std::uint64_t last = (offset + target.size() - 1) / kPieceBytes;
    std::uint64_t num_pieces = 1;
    auto bytes = find(*pieces, key, first);
    if (!bytes) {
      while (num_pieces < kMostAtOnce && first + num_pieces <= last &&
             !pieces->contains(piece_name(key, first + num_pieces)))
        ++num_pieces;
      LIVEDATA_TRY(bytes, fetch(*pieces, key, first, num_pieces, deadline));
    }
    const auto skipped = static_cast<std::size_t>(at - first * kPieceBytes);
    if (skipped >= bytes->size()) break;
    const std::size_t size = std::min(bytes->size() - skipped, target.size() - num_read);
    std::memcpy(target.data() + num_read, bytes->data() + skipped, size);
    num_read += size;
    if (bytes->size() < num_pieces * kPieceBytes) break;  // the object's end
  }
  return num_read;
}

Result<void> CachedStore::put_file(std::string_view key, const Path& file,
                                   const Deadline& deadline) {
  auto outcome = store_->put_file(key, file, deadline);
  forget(key);  // also where it failed: nobody knows what is there
  return outcome;
}

Result<void> CachedStore::put(std::string_view key, std::string_view bytes,
                              const Deadline& deadline) {
  auto outcome = store_->put(key, bytes, deadline);
  forget(key);
  return outcome;
}

Result<std::string> CachedStore::get(std::string_view key, std::size_t max_bytes,
                                     const Deadline& deadline) {
  return store_->get(key, max_bytes, deadline);
}

Result<ObjectStore::Object> CachedStore::stat(std::string_view key, const Deadline& deadline) {
  return store_->stat(key, deadline);
}

Result<std::vector<ObjectStore::Object>> CachedStore::list(std::string_view prefix,
                                                           const Deadline& deadline) {
  return store_->list(prefix, deadline);
}

Result<void> CachedStore::remove(std::string_view key, const Deadline& deadline) {
  auto outcome = store_->remove(key, deadline);
  forget(key);
  return outcome;
}

CachedStore::Counts CachedStore::counts() const {
  const MutexLock lock(mutex_);
  return {hits_, misses_, damaged_, not_stored_, folder_ == nullptr ? 0 : folder_->size_bytes(),
          error_};
}

}  // namespace livedata::archive
