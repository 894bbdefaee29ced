#include "server/streams/batch_writer.h"

#include "base/thread_pool.h"

namespace livedata::server {
namespace {

/// Whether the store may take the same batch later.
bool may_succeed_later(ErrorCode code) {
  return code == ErrorCode::kResourceExhausted || code == ErrorCode::kUnavailable ||
         code == ErrorCode::kDeadlineExceeded || code == ErrorCode::kIoError;
}

}  // namespace

RecordSink sink_of(ingest::Writer& writer) {
  return {[&writer](const TenantId& tenant, const std::shared_ptr<RecordBatch>& batch,
                    std::string_view source, const Bookmarks& bookmarks) {
            return writer.write(tenant, batch, source, bookmarks);
          },
          [&writer](const ingest::Decoded& decoded) { writer.count(decoded); }};
}

BatchWriter::BatchWriter(Options options, RecordSink sink, std::string_view metric_prefix,
                         Logger& logger, MetricRegistry& metrics)
    : options_(std::move(options)),
      sink_(std::move(sink)),
      logger_(logger),
      retries_(metrics.counter(fmt::format("{}_write_retries_total", metric_prefix),
                               "Batches that the store refused and that were tried again")),
      lost_(metrics.counter(fmt::format("{}_unwritten_records_total", metric_prefix),
                            "Records that were received and could not be written")) {
  for (std::size_t i = 0; i < options_.num_threads; ++i) {
    threads_.emplace_back([this] {
      name_this_thread(options_.thread_name);
      work();
    });
  }
}

BatchWriter::~BatchWriter() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void BatchWriter::submit(Task task) {
  {
    const MutexLock lock(mutex_);
    waiting_bytes_ += task.bytes;
    waiting_.push_back({std::move(task), std::chrono::steady_clock::now()});
  }
  wake_.notify_one();
}

void BatchWriter::give_up() {
  {
    const MutexLock lock(mutex_);
    given_up_ = true;
  }
  end_pause_.notify_all();
}

void BatchWriter::work() {
  MutexLock lock(mutex_);
  while (wait_for_tasks(lock)) {
    const std::vector<Task> tasks = take_tasks();
    lock.unlock();
    write(tasks);
    lock.lock();
  }
}

/// False when there will be none any more.
bool BatchWriter::wait_for_tasks(MutexLock& lock) {
  for (;;) {
    if (waiting_.empty()) {
      if (stopping_) return false;
      lock.wait(wake_);
      continue;
    }
    if (stopping_ || waiting_bytes_ >= options_.enough_bytes) return true;
    const auto left =
        waiting_.front().since + options_.max_delay - std::chrono::steady_clock::now();
    if (left <= std::chrono::nanoseconds(0)) return true;
    static_cast<void>(lock.wait_for(wake_, left));
  }
}

std::vector<BatchWriter::Task> BatchWriter::take_tasks() {
  std::vector<Task> tasks;
  std::size_t bytes = 0;
  while (!waiting_.empty() &&
         (tasks.empty() || (bytes + waiting_.front().task.bytes <= options_.max_bytes &&
                            waiting_.front().task.tenant == tasks.front().tenant))) {
    bytes += waiting_.front().task.bytes;
    tasks.push_back(std::move(waiting_.front().task));
    waiting_.pop_front();
  }
  waiting_bytes_ -= bytes;
  return tasks;
}

BatchWriter::Load BatchWriter::decode(const std::vector<Task>& tasks) const {
  Load load;
  for (const Task& task : tasks) {
    ingest::Decoded decoded = task.decode();
    sink_.count(decoded);
    for (const auto& [key, value] : task.bookmarks) load.bookmarks[key] = value;
    if (task.is_kept) load.num_kept += decoded.batch.num_rows();
    if (decoded.batch.empty()) continue;
    load.source = decoded.source;
    if (load.batch->empty()) {
      *load.batch = std::move(decoded.batch);
    } else {
      load.batch->add_all(decoded.batch);
    }
  }
  return load;
}

void BatchWriter::write(const std::vector<Task>& tasks) {
  const Load load = decode(tasks);
  const bool durable =
      (load.batch->empty() && load.bookmarks.empty()) || write_load(tasks.front().tenant, load);
  for (const Task& task : tasks) task.done(durable);
}

bool BatchWriter::write_load(const TenantId& tenant, const Load& load) {
  for (bool first = true;; first = false) {
    const Result<void> written = sink_.write(tenant, load.batch, load.source, load.bookmarks);
    if (written) return true;
    const bool may_repeat = may_succeed_later(written.error().code);
    if (!may_repeat || !pause()) {
      const std::size_t lost = load.batch->num_rows() - (may_repeat ? load.num_kept : 0);
      if (lost == 0) return false;
      lost_.add(lost);
      logger_.error("{} received records are lost: {}", lost, written.error().message);
      return false;
    }
    retries_.add();
    if (first) logger_.warn("writing is tried again: {}", written.error().message);
  }
}

/// False when nothing is to be tried again.
bool BatchWriter::pause() {
  MutexLock lock(mutex_);
  const auto until = std::chrono::steady_clock::now() + options_.retry_pause;
  while (!given_up_) {
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= std::chrono::nanoseconds(0)) return true;
    static_cast<void>(lock.wait_for(end_pause_, left));
  }
  return false;
}

}  // namespace livedata::server
