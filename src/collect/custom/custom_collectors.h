#pragma once

#include <condition_variable>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "collect/custom/custom_collector.h"
#include "collect/host/host_page.h"

namespace livedata::collect::custom {

struct CustomOptions {
  std::vector<CollectorSpec> specs;
  std::string host;                           ///< the label of all streams
  std::size_t max_threads = 4;                ///< that run collectors, each one at a time
  host::HostPage* page = nullptr;             ///< shows what was read; may be null
  ingest::LabelGuard* label_guard = nullptr;  ///< bounds the values of labels; may be null
};

/// Runs collectors of one's own, each at its interval, on threads of its own until destroyed. When
/// more are due than there are threads, they wait; what is late is not made up for.
class CustomCollectors {
 public:
  /// The sink is called by all threads. References must outlive the object.
  CustomCollectors(CustomOptions options, RecordSink sink, const Limits& limits, const Clock& clock,
                   Logger& logger, MetricRegistry& metrics);
  /// Ends what runs.
  ~CustomCollectors();
  CustomCollectors(const CustomCollectors&) = delete;
  CustomCollectors& operator=(const CustomCollectors&) = delete;

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Entry {
    std::unique_ptr<CustomCollector> collector;
    Time due;
    bool runs = false;
  };
  void work() LIVEDATA_EXCLUDES(mutex_);
  /// The one that is due first of those that don't run; nullptr if all do.
  Entry* next_entry() LIVEDATA_REQUIRES(mutex_);

  const RecordSink sink_;
  CustomPage page_;
  host::HostPage* const shown_on_;
  const CustomCollector::Shared shared_;
  const StopSignal stop_;
  Mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ LIVEDATA_GUARDED_BY(mutex_) = false;
  std::vector<Entry> entries_ LIVEDATA_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace livedata::collect::custom
