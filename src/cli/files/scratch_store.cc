#include "cli/files/scratch_store.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "cli/files/named_files.h"

namespace livedata::cli {
namespace {

constexpr auto kStillOpening = std::chrono::minutes(1);  // it may be about to be locked
constexpr std::string_view kNameStart = "livedata-files-";

/// Folders whose process has ended: nobody holds their lock.
void remove_left_over(PosixFileSystem& files, const Path& folder) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (!entry.path().filename().string().starts_with(kNameStart)) continue;
    const Path lock_file = entry.path() / "LOCK";
    std::error_code unknown;
    const auto made = std::filesystem::last_write_time(entry.path(), unknown);
    const bool is_new = std::filesystem::file_time_type::clock::now() - made < kStillOpening;
    if (is_new || !std::filesystem::exists(lock_file, unknown)) continue;
    if (const auto lock = files.lock(lock_file)) std::filesystem::remove_all(entry.path(), unknown);
  }
}

storage::StoreOptions options_of(const Path& folder) {
  storage::StoreOptions options;
  options.data_folder = folder;
  options.wal_sync = storage::WalSync::kOff;
  options.window = std::chrono::hours(24 * 30);  // a file may be of years
  options.compact_in_background = false;
  options.scrub_interval = std::chrono::nanoseconds(0);
  options.retention.max_age = std::chrono::nanoseconds(0);  // of any age
  return options;
}

}  // namespace

ScratchStore::ScratchStore(Path folder, const Clock& clock)
    : folder_(std::move(folder)), logger_(clock, LogLevel::kWarn) {}

ScratchStore::~ScratchStore() {
  store_.reset();
  std::error_code gone;
  std::filesystem::remove_all(folder_, gone);
}

Result<std::unique_ptr<ScratchStore>> ScratchStore::make(const Clock& clock) {
  const Path parent = std::filesystem::temp_directory_path();
  PosixFileSystem files;
  remove_left_over(files, parent);
  std::string name = (parent / (std::string(kNameStart) + "XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr)
    return fail(ErrorCode::kIoError, "no folder can be made in {}", parent.string());
  std::unique_ptr<ScratchStore> scratch(new ScratchStore(name, clock));  // NOLINT: private
  LIVEDATA_TRY(scratch->store_,
               storage::Store::open(options_of(name), storage::OpenMode::kReadWrite,
                                    scratch->files_, clock, scratch->logger_, scratch->metrics_));
  return scratch;
}

Result<void> ScratchStore::add(const std::vector<std::string>& files, FileRecords& records,
                               const Skip& skip) {
  std::optional<Error> failed;  // of the store: then the other files would meet the same
  const auto store = [&](RecordBatch&& batch) -> Result<void> {
    const TimeRange times{batch.min_timestamp(), batch.max_timestamp() + 1};
    range_ = range_.empty()
                 ? times
                 : TimeRange{std::min(range_.start, times.start), std::max(range_.end, times.end)};
    const auto shared = std::make_shared<RecordBatch>(std::move(batch));
    auto stored = store_->append(TenantId::single(), shared);
    while (!stored && stored.error().code == ErrorCode::kResourceExhausted)
      stored = store_->append(TenantId::single(), shared);
    if (!stored) failed = stored.error();
    return stored;
  };
  for (const std::string& path : files) {
    auto read = records.read(path, store);
    if (failed) return fail(*failed);
    if (!read && read.error().code == ErrorCode::kCancelled) return read;
    if (!read) skip(path, read.error());
  }
  return {};
}

Result<std::shared_ptr<const storage::Store>> read_into_scratch(
    const std::vector<std::string>& arguments, FileRecords::Options options,
    const Deadline& deadline, const ScratchStore::Skip& skip) {
  struct Owner {
    SystemClock clock;
    std::unique_ptr<ScratchStore> scratch = {};
  };
  const auto owner = std::make_shared<Owner>();
  LIVEDATA_TRY(owner->scratch, ScratchStore::make(owner->clock));
  FileRecords records(std::move(options), owner->clock, deadline);
  LIVEDATA_RETURN_IF_ERROR(owner->scratch->add(files_of(arguments), records, skip));
  return std::shared_ptr<const storage::Store>(owner, &owner->scratch->store());
}

}  // namespace livedata::cli
