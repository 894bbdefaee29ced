#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/metric.h"
#include "base/mutex.h"
#include "base/result.h"
#include "ingest/decoded.h"
#include "model/bookmark.h"
#include "model/tenant_id.h"
#include "storage/store.h"

namespace livedata::ingest {

/// The way from decoded requests into the store, which counts what came and what was refused, by
/// the door that it came through. Thread-safe.
class Writer {
 public:
  /// Whether a tenant may add so many records and bytes of lines now; kResourceExhausted: later.
  using Admit =
      std::function<Result<void>(const TenantId&, std::size_t records, std::size_t bytes)>;

  /// `admit` may be null: everything is let in.
  Writer(storage::Store& store, MetricRegistry& metrics, Admit admit = nullptr);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Durable as Store::append() says.
  Result<void> write(const TenantId& tenant, RecordBatch batch, std::string_view source,
                     const Bookmarks& bookmarks = {},
                     storage::Durability durability = storage::Durability::kNow);
  /// The same of a batch that the caller keeps, to write it again when it was refused.
  Result<void> write(const TenantId& tenant, const std::shared_ptr<RecordBatch>& batch,
                     std::string_view source, const Bookmarks& bookmarks = {},
                     storage::Durability durability = storage::Durability::kNow);
  /// Counts what was refused and changed of a request. Once per request, however often it is
  /// written.
  void count(const Decoded& decoded);

  /// How long the store has refused records since the start, on and off.
  [[nodiscard]] std::chrono::nanoseconds refusing_time() const;

 private:
  struct Door {
    Counter& records;
    Counter& bytes;
    Counter& refused_writes;
    Counter& truncated;
    Counter& labels_as_fields;
  };
  Door& door(std::string_view source);
  void note_refusal(bool refused);

  storage::Store& store_;
  const Admit admit_;
  MetricRegistry& metrics_;
  mutable Mutex mutex_;
  std::map<std::string, Door, std::less<>> doors_ LIVEDATA_GUARDED_BY(mutex_);
  /// Since the last write was refused, if it was.
  std::optional<std::chrono::steady_clock::time_point> refusing_since_ LIVEDATA_GUARDED_BY(mutex_);
  std::chrono::nanoseconds refused_for_ LIVEDATA_GUARDED_BY(mutex_){0};
};

}  // namespace livedata::ingest
