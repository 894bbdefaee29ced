#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/testing/fake_clock.h"
#include "base/testing/simulated_disk.h"
#include "storage/store.h"
#include "storage/testing/random_records.h"

namespace livedata::storage {

/// Drives a store with random operations on a disk that crashes, fails and fills up, and holds what
/// it answers against plain sets in memory.
///
/// A record is `stored` when its append was acknowledged: it must be found, once. It is `doubtful`
/// when the append failed or the machine crashed within it: it may be found after a restart, at
/// most once. Deleted and expired records must not be found, or may be, as the operations say.
class StoreModel {
 public:
  explicit StoreModel(std::uint64_t seed);
  ~StoreModel();

  /// One random operation; the description is for a failure's message.
  void step();
  /// Everything the store answers is right.
  void check_everything();
  [[nodiscard]] const std::vector<std::string>& history() const { return history_; }

 private:
  struct Deletion {
    std::uint64_t id = 0;
    TimestampNs created = 0;
    std::vector<PlainRecord> hidden;
  };

  void open();
  void append();
  void append_again();
  void append_with_failure();
  void append_to_full_disk();
  void flush();
  void maintain();
  void maintain_with_failure();
  void compact();
  void request_deletion();
  void cancel_deletion();
  void restart();
  void crash();
  void crash_while_working();
  void advance_clock();
  void jump_clock();
  void check_query();

  RecordBatch random_batch();
  Result<void> append_patiently(const RecordBatch& batch);
  /// Appends once, with the next bookmark.
  Result<void> append_once(RecordBatch batch);
  /// The bookmark that came with the last acknowledged append is there, or after a restart one of
  /// a later append whose end is unknown.
  void check_bookmark(bool after_restart);
  void remember(const std::vector<PlainRecord>& records, bool acknowledged);
  [[nodiscard]] std::vector<PlainRecord> scan(const ScanRequest& request);
  /// What must be found, and what may be.
  [[nodiscard]] bool may_have_expired(const PlainRecord& record) const;
  void compare(const std::vector<PlainRecord>& found, const ScanRequest& request);
  [[nodiscard]] bool is_hidden(const PlainRecord& record) const;
  [[nodiscard]] bool meets(const PlainRecord& record, const ScanRequest& request) const;
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  void note(std::string text);

  std::mt19937_64 random_;
  RandomRecords records_;
  SimulatedDisk disk_;
  FakeClock clock_;
  TimestampNs latest_ = 0;  // that the clock has ever shown: expiry is never taken back
  Logger logger_;
  MetricRegistry metrics_;
  StoreOptions options_;
  std::shared_ptr<FileSystem> files_;
  std::unique_ptr<Store> store_;

  std::map<PlainRecord, Labels> all_;  // every record ever appended, with its labels
  std::set<PlainRecord> stored_;
  std::set<PlainRecord> doubtful_;
  std::vector<Deletion> deletions_;  // that may still be cancelled
  std::vector<PlainRecord> recent_;  // of the last batch
  std::optional<RecordBatch> last_batch_;
  std::uint64_t next_bookmark_ = 1;
  std::uint64_t bookmark_ = 0;  // the one that must be there
  std::vector<std::string> history_;
};

}  // namespace livedata::storage
