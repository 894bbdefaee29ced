#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "server/streams/batch_writer.h"

namespace livedata::server {

/// Stands in for the store: keeps lines, and refuses or takes its time when it is told to.
class TestSink {
 public:
  RecordSink sink() {
    return {[this](const TenantId& tenant, const std::shared_ptr<RecordBatch>& batch,
                   std::string_view /*source*/,
                   const Bookmarks& bookmarks) { return write(tenant, *batch, bookmarks); },
            [this](const ingest::Decoded& decoded) { num_rejected += decoded.num_rejected(); }};
  }

  [[nodiscard]] std::vector<std::string> lines() const {
    const MutexLock lock(mutex_);
    return lines_;
  }
  [[nodiscard]] std::vector<std::string> labels() const {
    const MutexLock lock(mutex_);
    return labels_;
  }
  /// Whose each line is.
  [[nodiscard]] std::vector<std::string> tenants() const {
    const MutexLock lock(mutex_);
    return tenants_;
  }
  /// As stored so far.
  [[nodiscard]] Bookmarks bookmarks() const {
    const MutexLock lock(mutex_);
    return bookmarks_;
  }
  /// Whether so many lines are there within a time that is long enough for a slow machine.
  [[nodiscard]] bool wait_for(std::size_t count) const {
    return wait_until([&] { return num_lines >= count; });
  }
  static bool wait_until(const std::function<bool()>& condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > give_up) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }

  std::atomic<bool> refuse{false};
  std::atomic<ErrorCode> refusal{ErrorCode::kResourceExhausted};
  std::atomic<std::size_t> num_lines{0};
  std::atomic<std::size_t> num_writes{0};
  std::atomic<std::size_t> num_refused{0};
  std::atomic<std::size_t> num_rejected{0};

 private:
  Result<void> write(const TenantId& tenant, const RecordBatch& batch, const Bookmarks& bookmarks) {
    if (refuse) {
      ++num_refused;
      return fail(refusal, "the test refuses");
    }
    const MutexLock lock(mutex_);
    for (RowIndex row = 0; row < batch.num_rows(); ++row) {
      lines_.emplace_back(batch.line(row));
      labels_.push_back(batch.stream(row).labels.to_string());
      tenants_.push_back(tenant.text());
    }
    update(bookmarks_, bookmarks);
    ++num_writes;
    num_lines += batch.num_rows();
    return {};
  }

  mutable Mutex mutex_;
  std::vector<std::string> lines_ LIVEDATA_GUARDED_BY(mutex_);
  std::vector<std::string> labels_ LIVEDATA_GUARDED_BY(mutex_);
  std::vector<std::string> tenants_ LIVEDATA_GUARDED_BY(mutex_);
  Bookmarks bookmarks_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::server
