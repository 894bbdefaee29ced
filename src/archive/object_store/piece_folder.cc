#include "archive/object_store/piece_folder.h"

#include <algorithm>
#include <vector>

#include "archive/object_store/piece_file.h"

namespace livedata::archive {
namespace {

constexpr std::size_t kChangesBetweenOrders = 512;
constexpr std::string_view kOrder = "order";
constexpr std::string_view kUnfinished = "unfinished";

}  // namespace

Result<std::unique_ptr<PieceFolder>> PieceFolder::open(FileSystem& files, const Path& folder,
                                                       std::uint64_t max_bytes) {
  LIVEDATA_RETURN_IF_ERROR(files.create_folders(folder / "pieces"));
  LIVEDATA_TRY(auto lock, files.lock(folder / "lock"));
  // NOLINTNEXTLINE: the constructor is private
  auto opened =
      std::unique_ptr<PieceFolder>(new PieceFolder(files, folder, max_bytes, std::move(lock)));
  LIVEDATA_RETURN_IF_ERROR(opened->load());
  return opened;
}

PieceFolder::PieceFolder(FileSystem& files, Path folder, std::uint64_t max_bytes,
                         std::unique_ptr<FileLock> lock)
    : files_(files),
      folder_(std::move(folder)),
      pieces_folder_(folder_ / "pieces"),
      max_bytes_(max_bytes),
      lock_(std::move(lock)) {}

PieceFolder::~PieceFolder() {
  const MutexLock lock(mutex_);
  write_order();
}

Result<void> PieceFolder::load() {
  const MutexLock lock(mutex_);
  LIVEDATA_TRY(const auto names, files_.list(pieces_folder_));
  for (const std::string& name : names) {
    const auto file = files_.open(pieces_folder_ / name);
    if (file && is_piece_name(name)) {
      add(name, (*file)->size());
    } else {
      static_cast<void>(files_.remove(pieces_folder_ / name).has_value());
    }
  }
  const auto order = files_.read_all(folder_ / kOrder);
  // From the one used longest ago on: each goes to the front.
  for (std::string_view rest = order ? std::string_view(*order) : std::string_view();
       rest.find('\n') != std::string_view::npos; rest.remove_prefix(rest.find('\n') + 1)) {
    const auto found = by_name_.find(std::string(rest.substr(0, rest.find('\n'))));
    if (found != by_name_.end()) pieces_.splice(pieces_.begin(), pieces_, found->second);
  }
  make_room(0);
  return {};
}

void PieceFolder::add(const std::string& name, std::uint64_t bytes) {
  pieces_.push_front({name, bytes});
  by_name_[name] = pieces_.begin();
  size_bytes_ += bytes;
}

PieceFolder::Index::iterator PieceFolder::erase(Index::iterator at) {
  static_cast<void>(files_.remove(pieces_folder_ / at->first).has_value());
  size_bytes_ -= at->second->bytes;
  pieces_.erase(at->second);
  return by_name_.erase(at);
}

void PieceFolder::make_room(std::uint64_t bytes) {
  while (!pieces_.empty() && size_bytes_ + bytes > max_bytes_)
    erase(by_name_.find(pieces_.back().name));
}

/// Not synced: what is lost of it costs a place in the order.
void PieceFolder::write_order() {
  num_changes_ = 0;
  std::string text;
  for (auto piece = pieces_.rbegin(); piece != pieces_.rend(); ++piece) {
    text += piece->name;
    text += '\n';
  }
  const Path aside = folder_ / kUnfinished;
  const auto file = files_.create(aside);
  if (file && (*file)->append(text))
    static_cast<void>(files_.rename(aside, folder_ / kOrder).has_value());
}

std::optional<std::string> PieceFolder::find(const std::string& name) {
  {
    const MutexLock lock(mutex_);
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return {};
    pieces_.splice(pieces_.begin(), pieces_, found->second);
    if (++num_changes_ >= kChangesBetweenOrders) write_order();
  }
  auto content = files_.read_all(pieces_folder_ / name);
  if (content) return *std::move(content);
  remove(name);
  return {};
}

bool PieceFolder::contains(const std::string& name) const {
  const MutexLock lock(mutex_);
  return by_name_.contains(name);
}

bool PieceFolder::insert(const std::string& name, std::string_view content) {
  if (content.size() > max_bytes_) return false;
  const MutexLock lock(mutex_);
  if (const auto found = by_name_.find(name); found != by_name_.end()) erase(found);
  make_room(content.size());
  const Path path = pieces_folder_ / name;
  const Path aside = folder_ / kUnfinished;
  const auto file = files_.create(aside);
  if (!file || !(*file)->append(content) || !files_.rename(aside, path)) {
    static_cast<void>(files_.remove(aside).has_value());
    return false;
  }
  add(name, content.size());
  if (++num_changes_ >= kChangesBetweenOrders) write_order();
  return true;
}

void PieceFolder::remove(const std::string& name) {
  const MutexLock lock(mutex_);
  if (const auto found = by_name_.find(name); found != by_name_.end()) erase(found);
}

void PieceFolder::remove_all(const std::string& prefix) {
  const MutexLock lock(mutex_);
  auto at = by_name_.lower_bound(prefix);
  while (at != by_name_.end() && at->first.starts_with(prefix)) at = erase(at);
}

std::uint64_t PieceFolder::size_bytes() const {
  const MutexLock lock(mutex_);
  return size_bytes_;
}

std::size_t PieceFolder::num_pieces() const {
  const MutexLock lock(mutex_);
  return pieces_.size();
}

}  // namespace livedata::archive
