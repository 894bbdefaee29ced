#include "storage/overflow/overflow_queue.h"

#include <charconv>
#include <vector>

#include <fmt/format.h>

#include "storage/record_log/record_log_reader.h"

namespace livedata::storage {
namespace {

constexpr std::string_view kSuffix = ".queue";
// Of an item beside its bytes: what a deque and two strings take.
constexpr std::size_t kItemBytes = 96;

struct Position {
  std::uint64_t file = 0;
  std::uint64_t item = 0;  ///< counted from 1
};

std::string to_text(const Position& position) {
  return fmt::format("{}:{}", position.file, position.item);
}

/// Anything but a position stands for the start.
Position parse_position(std::string_view text) {
  Position position;
  const char* const end = text.data() + text.size();
  const auto file = std::from_chars(text.data(), end, position.file);
  if (file.ec != std::errc() || file.ptr == end || *file.ptr != ':') return {};
  const auto item = std::from_chars(file.ptr + 1, end, position.item);
  return item.ec == std::errc() && item.ptr == end ? position : Position();
}

std::optional<std::uint64_t> number_of(std::string_view name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

}  // namespace

Path OverflowQueue::path_of(std::uint64_t number) const {
  return options_.folder / fmt::format("{:020}{}", number, kSuffix);
}

Result<std::unique_ptr<OverflowQueue>> OverflowQueue::open(FileSystem& files,
                                                           OverflowOptions options,
                                                           std::string_view position) {
  std::unique_ptr<OverflowQueue> queue(
      new OverflowQueue(&files, std::move(options)));  // NOLINT: the constructor is private
  LIVEDATA_RETURN_IF_ERROR(queue->find_files(position));
  return queue;
}

std::unique_ptr<OverflowQueue> OverflowQueue::in_memory(std::size_t memory_bytes) {
  OverflowOptions options;
  options.memory_bytes = memory_bytes;
  options.disk_bytes = 0;
  return std::unique_ptr<OverflowQueue>(
      new OverflowQueue(nullptr, std::move(options)));  // NOLINT: the constructor is private
}

Result<void> OverflowQueue::find_files(std::string_view position) {
  LIVEDATA_RETURN_IF_ERROR(files_->create_folders(options_.folder));
  LIVEDATA_TRY(const auto names, files_->list(options_.folder));
  const Position done = parse_position(position);
  const MutexLock lock(mutex_);
  next_number_ = done.file + 1;
  for (const std::string& name : names) {
    const auto number = number_of(name);
    if (!number) continue;
    if (*number < done.file) {
      LIVEDATA_RETURN_IF_ERROR(files_->remove(options_.folder / name));
      continue;
    }
    LIVEDATA_TRY(const auto file, files_->open(options_.folder / name));
    on_disk_.push_back({*number, file->size(), *number == done.file ? done.item : 0});
    disk_bytes_ += file->size();
    next_number_ = *number + 1;
  }
  return {};
}

Result<void> OverflowQueue::begin_file() {
  writer_.reset();
  LIVEDATA_TRY(const DiskSpace space, files_->disk_space(options_.folder));
  if (space.free_bytes < options_.min_free_bytes)
    return fail(ErrorCode::kUnavailable, "the disk of {} is full", options_.folder.string());
  LIVEDATA_TRY(writer_, record_log::RecordLogWriter::create(*files_, path_of(next_number_)));
  on_disk_.push_back({next_number_++, 0, 0});
  return {};
}

Result<void> OverflowQueue::write(std::string_view item) {
  const bool may_go_on =
      writer_ && !writer_->is_poisoned() && writer_->size() < options_.file_bytes;
  if (!may_go_on) LIVEDATA_RETURN_IF_ERROR(begin_file());
  if (!writer_) return fail(ErrorCode::kIoError, "there is no file to write to");
  std::string record;
  record_log::append_record(item, record);
  if (auto written = writer_->write(record); !written) {
    // A disk that goes on failing must not fill up with empty files.
    if (on_disk_.back().bytes == 0) {
      static_cast<void>(files_->remove(path_of(on_disk_.back().number)));
      on_disk_.pop_back();
      writer_.reset();
    }
    return written;
  }
  on_disk_.back().bytes += record.size();
  disk_bytes_ += record.size();
  return {};
}

OverflowQueue::Outcome OverflowQueue::push_to_disk_locked(std::string_view item) {
  if (files_ == nullptr || disk_bytes_ + item.size() > options_.disk_bytes || !write(item))
    return Outcome::kRefused;
  wake_.notify_one();
  return Outcome::kOnDisk;
}

OverflowQueue::Outcome OverflowQueue::push(std::string&& item) {
  const MutexLock lock(mutex_);
  // Once something is on disk, what follows goes there too, or it would come out earlier.
  const bool fits = on_disk_.empty() && loaded_.empty() &&
                    memory_bytes_ + item.size() + kItemBytes <= options_.memory_bytes;
  if (!fits) return push_to_disk_locked(item);
  memory_bytes_ += item.size() + kItemBytes;
  items_.push_back({std::move(item), {}});
  wake_.notify_one();
  return Outcome::kInMemory;
}

OverflowQueue::Outcome OverflowQueue::push_to_disk(std::string_view item) {
  const MutexLock lock(mutex_);
  return push_to_disk_locked(item);
}

void OverflowQueue::load_oldest_file() {
  File file;
  {
    const MutexLock lock(mutex_);
    file = on_disk_.front();
    on_disk_.pop_front();
    // The file that is written to is the last one; what comes now goes into the next.
    if (on_disk_.empty()) writer_.reset();
    loaded_.push_back(file);
  }
  std::vector<Item> loaded;
  std::uint64_t count = 0;
  const auto read = record_log::read_record_log(
      *files_, path_of(file.number), [&](std::string_view payload) -> Result<void> {
        if (++count > file.skipped)
          loaded.push_back({std::string(payload), to_text({file.number, count})});
        return {};
      });
  const MutexLock lock(mutex_);
  unreadable_bytes_ += read ? read->damaged_bytes + read->torn_bytes : file.bytes;
  for (Item& item : loaded) {
    memory_bytes_ += item.bytes.size() + kItemBytes;
    items_.push_back(std::move(item));
  }
}

void OverflowQueue::stored() {
  const MutexLock lock(mutex_);
  // Files are loaded when memory is empty, so only the last one can have items left.
  while (loaded_.size() > (items_.empty() ? 0 : 1)) {
    disk_bytes_ -= std::min(disk_bytes_, loaded_.front().bytes);
    // A file that stays is found again at the next start, where the bookmark tells that it is done.
    static_cast<void>(files_->remove(path_of(loaded_.front().number)));
    loaded_.pop_front();
  }
}

std::optional<OverflowQueue::Item> OverflowQueue::pop(std::chrono::nanoseconds wait) {
  const auto until = std::chrono::steady_clock::now() + wait;
  for (;;) {
    {
      MutexLock lock(mutex_);
      while (items_.empty() && on_disk_.empty() && !closed_) {
        const auto left = until - std::chrono::steady_clock::now();
        if (left <= std::chrono::nanoseconds(0)) return std::nullopt;
        static_cast<void>(lock.wait_for(wake_, left));
      }
      if (!items_.empty()) {
        Item item = std::move(items_.front());
        items_.pop_front();
        memory_bytes_ -= item.bytes.size() + kItemBytes;
        return item;
      }
      if (closed_ || on_disk_.empty()) return std::nullopt;
    }
    load_oldest_file();
  }
}

void OverflowQueue::close() {
  const MutexLock lock(mutex_);
  closed_ = true;
  wake_.notify_all();
}

bool OverflowQueue::empty() const {
  const MutexLock lock(mutex_);
  return items_.empty() && (closed_ || on_disk_.empty());
}

OverflowQueue::Status OverflowQueue::status() const {
  const MutexLock lock(mutex_);
  return {memory_bytes_, disk_bytes_, unreadable_bytes_};
}

}  // namespace livedata::storage
