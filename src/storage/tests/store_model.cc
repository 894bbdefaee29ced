#include "storage/tests/store_model.h"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

namespace livedata::storage {
namespace {

constexpr TimestampNs kStart = 1'700'000'000 * kNsPerSecond;
constexpr std::int64_t kHour = 3600 * kNsPerSecond;
constexpr TimeRange kAll{0, kStart * 2};
constexpr std::size_t kHistory = 100;

RecordBatch copy_of(const RecordBatch& batch) {
  RecordBatch copy;
  copy.add_all(batch);
  return copy;
}

}  // namespace

StoreModel::StoreModel(std::uint64_t seed)
    : random_(seed),
      records_(seed, kStart - 72 * kHour, 72 * kHour),
      disk_(seed),
      clock_(kStart),
      latest_(kStart),
      logger_(clock_, static_cast<LogLevel>(4)) {
  options_.data_folder = "/data";
  options_.block_bytes = 2_KiB;
  options_.head_bytes = 64_KiB;
  options_.wal_file_bytes = 16_KiB;
  options_.min_free_bytes = 0;
  options_.max_append_wait = std::chrono::milliseconds(20);
  options_.compact_in_background = false;
  options_.metadata_cache_bytes = 32_KiB;
  options_.block_cache_bytes = 8_KiB;
  options_.compaction.max_segment_bytes = 256_KiB;
  options_.retention.max_age = std::chrono::hours(84);
  options_.retention.grace_period = std::chrono::hours(2);
  // A nearly full disk is part of the test; that it costs old segments is another's.
  options_.retention.disk_high = 1.0;
  open();
}

StoreModel::~StoreModel() = default;

void StoreModel::note(std::string text) {
  history_.push_back(std::move(text));
  if (history_.size() > kHistory) history_.erase(history_.begin());
}

void StoreModel::open() {
  store_.reset();
  files_ = disk_.mount();
  auto store = Store::open(options_, OpenMode::kReadWrite, *files_, clock_, logger_, metrics_);
  ASSERT_TRUE(store.has_value()) << store.error().message;
  store_ = *std::move(store);
  check_bookmark(true);
}

void StoreModel::check_bookmark(bool after_restart) {
  const Bookmarks bookmarks = store_->bookmarks(TenantId::single());
  const auto found = bookmarks.find("reader");
  const std::uint64_t number = found == bookmarks.end() ? 0 : std::stoull(found->second);
  if (!after_restart) {
    ASSERT_EQ(number, bookmark_);
    return;
  }
  ASSERT_GE(number, bookmark_);
  ASSERT_LT(number, next_bookmark_);
  bookmark_ = number;
}

Result<void> StoreModel::append_once(RecordBatch batch) {
  const std::uint64_t number = next_bookmark_++;
  auto appended =
      store_->append(TenantId::single(), std::move(batch), {{"reader", std::to_string(number)}});
  if (appended) bookmark_ = number;
  return appended;
}

RecordBatch StoreModel::random_batch() { return records_.batch(1 + below(30)); }

void StoreModel::remember(const std::vector<PlainRecord>& records, bool acknowledged) {
  for (const PlainRecord& record : records) {
    if (acknowledged) {
      stored_.insert(record);
      doubtful_.erase(record);
    } else if (!stored_.contains(record)) {
      doubtful_.insert(record);
    }
  }
}

void StoreModel::append() {
  RecordBatch batch = random_batch();
  for (RowIndex row = 0; row < batch.num_rows(); ++row)
    all_.emplace(plain_record(batch, row), batch.stream(row).labels);
  recent_ = plain_records(batch);
  last_batch_ = copy_of(batch);
  const auto appended = append_patiently(batch);
  ASSERT_TRUE(appended.has_value()) << appended.error().message;
  remember(recent_, true);
}

/// The flusher is another thread, and may be behind.
Result<void> StoreModel::append_patiently(const RecordBatch& batch) {
  auto appended = append_once(copy_of(batch));
  for (int i = 0; i < 1000 && !appended; ++i) {
    if (appended.error().code != ErrorCode::kResourceExhausted) break;
    appended = append_once(copy_of(batch));
  }
  return appended;
}

/// A sender that did not hear the answer sends the same again.
void StoreModel::append_again() {
  if (!last_batch_) return;
  // What was deleted since is new when it is sent again.
  const auto appended = append_patiently(*last_batch_);
  ASSERT_TRUE(appended.has_value()) << appended.error().message;
  for (Deletion& deletion : deletions_) {
    std::erase_if(deletion.hidden, [&](const PlainRecord& record) {
      return std::find(recent_.begin(), recent_.end(), record) != recent_.end();
    });
  }
  remember(recent_, true);
}

void StoreModel::append_with_failure() {
  using Operation = SimulatedDisk::Operation;
  const Operation operation = below(2) == 0 ? Operation::kAppend : Operation::kSync;
  disk_.fail_once(operation, ErrorCode::kIoError, below(2));
  RecordBatch batch = random_batch();
  for (RowIndex row = 0; row < batch.num_rows(); ++row)
    all_.emplace(plain_record(batch, row), batch.stream(row).labels);
  const auto records = plain_records(batch);
  const auto appended = append_once(std::move(batch));
  remember(records, appended.has_value());
  disk_.forget_failures();
}

void StoreModel::append_to_full_disk() {
  disk_.set_capacity(disk_.used_bytes() + below(3000));
  for (int i = 0; i < 5; ++i) {
    RecordBatch batch = random_batch();
    for (RowIndex row = 0; row < batch.num_rows(); ++row)
      all_.emplace(plain_record(batch, row), batch.stream(row).labels);
    const auto records = plain_records(batch);
    remember(records, append_once(std::move(batch)).has_value());
  }
  static_cast<void>(store_->flush());
  static_cast<void>(store_->maintain());
  disk_.set_capacity(0);
  flush();  // the flusher would try again only after a pause, and appends would wait for it
}

void StoreModel::flush() {
  const auto flushed = store_->flush();
  ASSERT_TRUE(flushed.has_value()) << flushed.error().message;
}

void StoreModel::maintain() {
  const auto done = store_->maintain();
  ASSERT_TRUE(done.has_value()) << done.error().message;
}

void StoreModel::maintain_with_failure() {
  using Operation = SimulatedDisk::Operation;
  constexpr std::array kOperations = {Operation::kAppend,    Operation::kSync,   Operation::kCreate,
                                      Operation::kRename,    Operation::kRemove, Operation::kRead,
                                      Operation::kSyncFolder};
  disk_.fail_once(kOperations[below(kOperations.size())], ErrorCode::kIoError, below(12));
  static_cast<void>(store_->flush());
  static_cast<void>(store_->maintain());
  disk_.forget_failures();
  flush();  // as after a full disk
}

void StoreModel::compact() {
  const auto done = store_->compact(below(2) == 0 ? Tier::kWarm : Tier::kCold);
  ASSERT_TRUE(done.has_value()) << done.error().message;
}

void StoreModel::request_deletion() {
  DeleteRequest request;
  const TimestampNs from = kStart - static_cast<std::int64_t>(below(80)) * kHour;
  request.range = {from, from + static_cast<std::int64_t>(1 + below(20)) * kHour};
  request.matchers.push_back(
      *LabelMatcher::make("service_name", MatchOp::kEqual, "svc" + std::to_string(below(8))));
  if (below(2) == 0)
    request.lines.push_back(*LineCondition::make(LineCondition::Op::kContains, "GET"));
  const auto id = store_->add_delete_request(TenantId::single(), request);
  ASSERT_TRUE(id.has_value()) << id.error().message;
  Deletion deletion{*id, clock_.now(), {}};
  const auto is_meant = [&](const PlainRecord& record) {
    return request.range.contains(record.timestamp) &&
           matches_all(request.matchers, all_.at(record)) && request.matches_line(record.line);
  };
  std::erase_if(stored_, [&](const PlainRecord& record) {
    if (!is_meant(record)) return false;
    deletion.hidden.push_back(record);
    return true;
  });
  deletions_.push_back(std::move(deletion));
}

void StoreModel::cancel_deletion() {
  // Only of such age that no file has been touched for its sake.
  std::erase_if(deletions_, [&](const Deletion& deletion) {
    return latest_ - deletion.created >= options_.compaction.cancel_period.count();
  });
  if (deletions_.empty()) return;
  const std::size_t which = below(deletions_.size());
  const Deletion deletion = deletions_[which];
  deletions_.erase(deletions_.begin() + static_cast<std::ptrdiff_t>(which));
  const auto cancelled = store_->cancel_delete_request(TenantId::single(), deletion.id);
  if (!cancelled) {
    // No file held any of its records, so it was finished at once.
    ASSERT_EQ(cancelled.error().code, ErrorCode::kInvalidArgument) << cancelled.error().message;
    for (const PlainRecord& record : deletion.hidden) ASSERT_TRUE(may_have_expired(record));
    return;
  }
  for (const PlainRecord& record : deletion.hidden) {
    // Another request may hide the record, too.
    if (!is_hidden(record)) doubtful_.insert(record);
  }
}

void StoreModel::restart() {
  const auto closed = store_->close();
  ASSERT_TRUE(closed.has_value()) << closed.error().message;
  open();
}

void StoreModel::crash() {
  disk_.crash();
  open();
}

void StoreModel::crash_while_working() {
  using Operation = SimulatedDisk::Operation;
  constexpr std::array kOperations = {Operation::kAppend, Operation::kSync, Operation::kRename,
                                      Operation::kSyncFolder};
  // The failure stands for the moment of the crash: nothing is done after it.
  disk_.fail_once(kOperations[below(kOperations.size())], ErrorCode::kIoError, below(10));
  if (below(2) == 0) {
    static_cast<void>(store_->flush());
  } else {
    static_cast<void>(store_->compact(Tier::kWarm));
  }
  crash();
}

void StoreModel::advance_clock() {
  clock_.advance(std::chrono::minutes(1 + below(120)));
  latest_ = std::max(latest_, clock_.now());
}

void StoreModel::jump_clock() {
  const auto hours = std::chrono::hours(static_cast<std::int64_t>(below(4)) - 2);
  clock_.jump(hours);
  latest_ = std::max(latest_, clock_.now());
}

std::vector<PlainRecord> StoreModel::scan(const ScanRequest& request) {
  std::vector<PlainRecord> found;
  const auto scan = store_->scan(TenantId::single(), request);
  EXPECT_TRUE(scan.has_value());
  for (std::size_t i = 0; i < scan->num_units(); ++i) {
    const auto rows = scan->read(i, Deadline());
    EXPECT_TRUE(rows.has_value()) << (rows ? "" : rows.error().message);
    if (!rows) continue;
    for (const RowIndex row : rows->rows) found.push_back(plain_record(*rows->batch, row));
  }
  EXPECT_TRUE(scan->damage().empty()) << scan->damage().front();
  std::sort(found.begin(), found.end());
  return found;
}

bool StoreModel::may_have_expired(const PlainRecord& record) const {
  return record.timestamp < latest_ - options_.retention.max_age.count();
}

bool StoreModel::is_hidden(const PlainRecord& record) const {
  return std::any_of(deletions_.begin(), deletions_.end(), [&](const Deletion& deletion) {
    return std::find(deletion.hidden.begin(), deletion.hidden.end(), record) !=
           deletion.hidden.end();
  });
}

bool StoreModel::meets(const PlainRecord& record, const ScanRequest& request) const {
  return request.range.contains(record.timestamp) &&
         matches_all(request.matchers, all_.at(record)) &&
         std::all_of(request.needles.begin(), request.needles.end(), [&](const std::string& n) {
           return record.line.find(n) != std::string::npos;
         });
}

void StoreModel::compare(const std::vector<PlainRecord>& found, const ScanRequest& request) {
  ASSERT_TRUE(std::adjacent_find(found.begin(), found.end()) == found.end())
      << "twice: " << std::adjacent_find(found.begin(), found.end())->line;
  for (const PlainRecord& record : found) {
    ASSERT_TRUE(stored_.contains(record) || doubtful_.contains(record))
        << "should not be there: " << record.labels << " " << record.timestamp << " " << record.line
        << (is_hidden(record) ? " (deleted)" : " (never stored, or cancelled)");
    ASSERT_TRUE(meets(record, request)) << record.line;
  }
  const std::set<PlainRecord> set(found.begin(), found.end());
  for (const PlainRecord& record : stored_) {
    if (!meets(record, request) || may_have_expired(record)) continue;
    ASSERT_TRUE(set.contains(record))
        << "lost: " << record.labels << " " << record.timestamp << " " << record.line;
  }
}

void StoreModel::check_query() {
  ScanRequest request;
  const TimestampNs from = kStart - static_cast<std::int64_t>(below(80)) * kHour;
  request.range = {from, from + static_cast<std::int64_t>(1 + below(40)) * kHour};
  request.direction = below(2) == 0 ? Direction::kForward : Direction::kBackward;
  if (below(2) == 0) {
    request.matchers.push_back(*LabelMatcher::make("service_name", static_cast<MatchOp>(below(4)),
                                                   "svc" + std::to_string(below(8))));
  }
  if (below(2) == 0) request.needles.push_back(below(2) == 0 ? "status=200" : "GET /api/items/1");
  compare(scan(request), request);
}

void StoreModel::check_everything() {
  const ScanRequest request{.range = kAll};
  compare(scan(request), request);
  check_bookmark(false);
}

void StoreModel::step() {
  struct Action {
    const char* name;
    std::uint64_t weight;
    void (StoreModel::*run)();
  };
  static constexpr std::array kActions = {
      Action{"append", 400, &StoreModel::append},
      Action{"append again", 20, &StoreModel::append_again},
      Action{"append with failure", 15, &StoreModel::append_with_failure},
      Action{"append to full disk", 3, &StoreModel::append_to_full_disk},
      Action{"flush", 20, &StoreModel::flush},
      Action{"maintain", 25, &StoreModel::maintain},
      Action{"maintain with failure", 10, &StoreModel::maintain_with_failure},
      Action{"compact", 3, &StoreModel::compact},
      Action{"request deletion", 8, &StoreModel::request_deletion},
      Action{"cancel deletion", 4, &StoreModel::cancel_deletion},
      Action{"restart", 6, &StoreModel::restart},
      Action{"crash", 10, &StoreModel::crash},
      Action{"crash while working", 10, &StoreModel::crash_while_working},
      Action{"advance clock", 20, &StoreModel::advance_clock},
      Action{"jump clock", 4, &StoreModel::jump_clock},
      Action{"query", 60, &StoreModel::check_query},
  };
  std::uint64_t total = 0;
  for (const Action& action : kActions) total += action.weight;
  std::uint64_t pick = below(total);
  for (const Action& action : kActions) {
    if (pick < action.weight) {
      note(action.name);
      (this->*action.run)();
      return;
    }
    pick -= action.weight;
  }
}

}  // namespace livedata::storage
