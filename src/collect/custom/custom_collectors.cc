#include "collect/custom/custom_collectors.h"

#include <algorithm>

#include "base/thread_pool.h"

namespace livedata::collect::custom {
namespace {

// Between the first runs, so that not all of the interval's work comes at once.
constexpr auto kApart = std::chrono::milliseconds(100);

}  // namespace

CustomCollectors::CustomCollectors(CustomOptions options, RecordSink sink, const Limits& limits,
                                   const Clock& clock, Logger& logger, MetricRegistry& metrics)
    : sink_(std::move(sink)),
      shown_on_(options.page),
      shared_{.host = std::move(options.host),
              .sink = sink_,
              .page = page_,
              .limits = limits,
              .clock = clock,
              .logger = logger,
              .metrics = metrics,
              .label_guard = options.label_guard} {
  auto due = std::chrono::steady_clock::now();
  for (CollectorSpec& spec : options.specs) {
    entries_.push_back({std::make_unique<CustomCollector>(std::move(spec), shared_), due});
    due += kApart;
  }
  if (shown_on_ != nullptr) shown_on_->add(page_);
  const std::size_t num_threads = std::min(options.max_threads, entries_.size());
  for (std::size_t i = 0; i < num_threads; ++i) {
    threads_.emplace_back([this] {
      name_this_thread("ld-custom");
      work();
    });
  }
}

CustomCollectors::~CustomCollectors() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  stop_.raise();
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  if (shown_on_ != nullptr) shown_on_->remove(page_);
}

CustomCollectors::Entry* CustomCollectors::next_entry() {
  Entry* next = nullptr;
  for (Entry& entry : entries_) {
    if (!entry.runs && (next == nullptr || entry.due < next->due)) next = &entry;
  }
  return next;
}

void CustomCollectors::work() {
  MutexLock lock(mutex_);
  while (!stopping_) {
    Entry* const entry = next_entry();
    const Time start = std::chrono::steady_clock::now();
    if (entry == nullptr) {
      lock.wait(wake_);
    } else if (entry->due > start) {
      lock.wait_for(wake_, entry->due - start);
    } else {
      entry->runs = true;
      lock.unlock();
      const auto delay = entry->collector->run(stop_);
      lock.lock();
      entry->runs = false;
      // From when it was due, so that its times don't drift; but what was missed is left out.
      entry->due += delay;
      if (entry->due < std::chrono::steady_clock::now()) entry->due = start + delay;
      wake_.notify_one();
    }
  }
}

}  // namespace livedata::collect::custom
