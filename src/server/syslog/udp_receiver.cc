#include "server/syslog/udp_receiver.h"

#include <algorithm>
#include <utility>

#include "base/thread_pool.h"

namespace livedata::server {
namespace {

constexpr std::size_t kStreams = 16'384;  // remembered by the decoder
constexpr std::size_t kChunkBytes = 1_MiB;
constexpr std::size_t kLeastChunks = 16;  // that the memory has room for
constexpr std::string_view kKernelBufferGauge = "livedata_syslog_udp_receive_buffer_bytes";
constexpr std::string_view kDiskGauge = "livedata_overflow_disk_bytes";
constexpr std::string_view kAgeGauge = "livedata_overflow_age_seconds";
constexpr std::string_view kDamagedGauge = "livedata_overflow_damaged_bytes";
constexpr std::string_view kQueueLabel = "queue=\"syslog_udp\"";

Counter& dropped(MetricRegistry& metrics, std::string_view reason) {
  return metrics.counter("livedata_syslog_dropped_total",
                         "Datagrams that were not taken, by reason",
                         fmt::format("reason=\"{}\"", reason));
}

Result<std::unique_ptr<storage::OverflowQueue>> open_overflow(const UdpReceiver::Options& options) {
  if (!options.overflow) return storage::OverflowQueue::in_memory(options.queue_bytes);
  const UdpOverflow& overflow = *options.overflow;
  return storage::OverflowQueue::open(*overflow.files,
                                      {.folder = overflow.folder,
                                       .memory_bytes = options.queue_bytes,
                                       .disk_bytes = overflow.disk_bytes},
                                      overflow.position);
}

DatagramQueue::Options queue_options(const UdpReceiver::Options& options) {
  return {.memory_bytes = options.queue_bytes,
          .disk_bytes = options.overflow ? options.overflow->disk_bytes : 0,
          .chunk_bytes = std::min(kChunkBytes, options.queue_bytes / kLeastChunks)};
}

}  // namespace

UdpReceiver::UdpReceiver(const Options& options, const Limits& limits, BatchWriter& writer,
                         const Clock& clock, Logger& logger, MetricRegistry& metrics,
                         std::unique_ptr<UdpSocket> socket,
                         std::unique_ptr<storage::OverflowQueue> overflow)
    : options_(options),
      writer_(writer),
      clock_(clock),
      logger_(logger),
      metrics_(metrics),
      counters_(metrics, "udp"),
      dropped_by_kernel_(dropped(metrics, "kernel")),
      dropped_less_severe_(dropped(metrics, "less_severe")),
      dropped_full_(dropped(metrics, "queue_full")),
      dropped_empty_(dropped(metrics, "empty")),
      dropped_unknown_(dropped(metrics, "unknown_sender")),
      dropped_stopping_(dropped(metrics, "stopping")),
      queued_(metrics.counter("livedata_overflow_in_total", "Messages that a queue has taken",
                              std::string(kQueueLabel))),
      taken_(metrics.counter("livedata_overflow_out_total", "Messages that came out of a queue",
                             std::string(kQueueLabel))),
      socket_(std::move(socket)),
      queue_(std::move(overflow), queue_options(options)),
      decoder_(limits, kStreams, options.pipelines, options.label_guard) {}

Result<std::unique_ptr<UdpReceiver>> UdpReceiver::start(const Options& options,
                                                        const Limits& limits, BatchWriter& writer,
                                                        const Clock& clock, Logger& logger,
                                                        MetricRegistry& metrics) {
  LIVEDATA_TRY(auto socket,
               UdpSocket::bind(options.host, options.port, options.receive_buffer_bytes));
  if (socket->receive_buffer_bytes() < options.receive_buffer_bytes) {
    logger.debug("the receive buffer for datagrams is {} bytes; net.core.rmem_max bounds it",
                 socket->receive_buffer_bytes());
  }
  LIVEDATA_TRY(auto overflow, open_overflow(options));
  if (const auto left = overflow->status().disk_bytes; left > 0)
    logger.info("{} bytes of syslog messages wait on disk since the last run", left);
  std::unique_ptr<UdpReceiver> receiver(
      new UdpReceiver(options, limits, writer, clock, logger, metrics, std::move(socket),
                      std::move(overflow)));  // NOLINT: the constructor is private
  UdpReceiver* self = receiver.get();
  self->show_metrics();
  self->submit_next();
  receiver->thread_ = std::thread([self] {
    name_this_thread("ld-syslog-udp");
    self->run();
  });
  return receiver;
}

void UdpReceiver::show_metrics() {
  const DatagramQueue::Options bounds = queue_options(options_);
  gauges_.emplace(metrics_, "syslog_udp",
                  static_cast<double>(bounds.memory_bytes + bounds.disk_bytes),
                  [this] { return static_cast<double>(queue_.size_bytes()); });
  metrics_.gauge(kDiskGauge, "Bytes of a queue that are on disk", kQueueLabel,
                 [this] { return static_cast<double>(queue_.overflow().disk_bytes); });
  metrics_.gauge(kAgeGauge, "How long ago the oldest came in that waits in a queue", kQueueLabel,
                 [this] { return seconds_behind(); });
  metrics_.gauge(kDamagedGauge, "Bytes of a queue's files that could not be read", kQueueLabel,
                 [this] { return static_cast<double>(queue_.overflow().unreadable_bytes); });
  metrics_.gauge(kKernelBufferGauge, "The kernel's buffer for datagrams", "",
                 [size = socket_->receive_buffer_bytes()] { return size; });
}

double UdpReceiver::seconds_behind() const {
  const auto oldest = queue_.oldest_arrival();
  return oldest ? static_cast<double>(clock_.now() - *oldest) / static_cast<double>(kNsPerSecond)
                : 0;
}

UdpReceiver::~UdpReceiver() {
  gauges_.reset();
  for (const std::string_view gauge : {kDiskGauge, kAgeGauge, kDamagedGauge})
    metrics_.remove_gauge(gauge, kQueueLabel);
  metrics_.remove_gauge(kKernelBufferGauge);
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  queue_.close();
  wait_until_written();
  std::optional<DatagramQueue::Chunk> rest;
  {
    const MutexLock lock(mutex_);
    rest = std::move(given_up_);
  }
  const std::uint64_t lost = queue_.keep(rest);
  dropped_stopping_.add(lost);
  if (lost > 0) logger_.error("{} syslog messages could not be stored and are lost", lost);
  if (const auto kept = queue_.overflow().disk_bytes; kept > 0)
    logger_.info("{} bytes of syslog messages wait on disk for the next start", kept);
}

void UdpReceiver::wait_until_written() {
  const auto grace_ends = std::chrono::steady_clock::now() + options_.stop_grace;
  MutexLock lock(mutex_);
  while (is_writing_) {
    const auto left = grace_ends - std::chrono::steady_clock::now();
    if (left > std::chrono::nanoseconds(0)) {
      static_cast<void>(lock.wait_for(idle_, left));
    } else {
      writer_.give_up();
      lock.wait(idle_);
    }
  }
}

void UdpReceiver::run() {
  const auto visit = [this](std::string_view datagram, std::string_view peer) {
    queue(datagram, peer);
  };
  while (!stopping_) {
    const std::size_t received = socket_->receive(UdpSocket::When::kWait, visit);
    count_kernel_drops();
    if (received > 0) submit_next();
  }
  // What the kernel has taken until now is written, too, but not for ever.
  const auto until = std::chrono::steady_clock::now() + options_.stop_grace / 2;
  while (socket_->receive(UdpSocket::When::kNow, visit) > 0 &&
         std::chrono::steady_clock::now() < until) {
    submit_next();
  }
  count_kernel_drops();
  submit_next();
}

void UdpReceiver::queue(std::string_view datagram, std::string_view peer) {
  counters_.add_bytes(datagram.size());
  if (datagram.find_first_not_of(std::string_view("\n\r\0", 3)) == std::string_view::npos) {
    dropped_empty_.add();
    return;
  }
  if (!is_admitted(peer)) {
    dropped_unknown_.add();
    return;
  }
  switch (queue_.push(datagram, peer, clock_.now())) {
    case DatagramQueue::Outcome::kTaken:
      queued_.add();
      break;
    case DatagramQueue::Outcome::kLessSevere:
      dropped_less_severe_.add();
      break;
    case DatagramQueue::Outcome::kFull:
      dropped_full_.add();
      break;
  }
}

/// The answer for the last sender is kept: datagrams of one come in bursts.
bool UdpReceiver::is_admitted(std::string_view peer) {
  if (options_.admit == nullptr) return true;
  if (peer != last_peer_) {
    const auto tenant = options_.admit({.address = std::string(peer), .transport = "udp"});
    is_last_admitted_ = tenant && *tenant == TenantId::single();
    last_peer_ = peer;
  }
  return is_last_admitted_;
}

void UdpReceiver::count_kernel_drops() {
  const std::uint64_t total = socket_->num_dropped();
  dropped_by_kernel_.add(total - std::exchange(kernel_drops_, total));
}

void UdpReceiver::submit_next() {
  {
    const MutexLock lock(mutex_);
    if (is_writing_ || given_up_) return;
    is_writing_ = true;
  }
  submit_oldest();
}

/// By whoever has set is_writing_, and not under the lock: the queue may have to read a file.
void UdpReceiver::submit_oldest() {
  for (;;) {
    if (auto chunk = queue_.take()) {
      submit(*std::move(chunk));
      return;
    }
    const MutexLock lock(mutex_);
    if (!queue_.empty()) continue;
    is_writing_ = false;
    // The destructor waits for this, and for the end of the lock.
    idle_.notify_all();
    return;
  }
}

void UdpReceiver::submit(DatagramQueue::Chunk chunk) {
  const auto shared = std::make_shared<DatagramQueue::Chunk>(std::move(chunk));
  BatchWriter::Task task{
      shared->bytes.size(), [this, shared] { return decode(shared->bytes); },
      [this, shared](bool durable) { after_write(std::move(*shared), durable); }};
  task.is_kept = true;
  if (!shared->position.empty()) task.bookmarks[std::string(kOverflowBookmark)] = shared->position;
  writer_.submit(std::move(task));
}

void UdpReceiver::after_write(DatagramQueue::Chunk chunk, bool durable) {
  if (!durable && stopping_) {
    // The process ends, and nothing more can be written.
    const MutexLock lock(mutex_);
    given_up_ = std::move(chunk);
    is_writing_ = false;
    idle_.notify_all();
    return;
  }
  queue_.done(chunk);
  submit_oldest();
}

ingest::Decoded UdpReceiver::decode(std::string_view chunk) {
  DatagramChunkReader reader(chunk);
  decoder_.start(reader.arrival());
  std::uint64_t count = 0;
  for (std::string_view datagram; reader.next(datagram); ++count)
    decoder_.add(datagram, reader.peer());
  taken_.add(count);
  counters_.add_messages(decoder_.take_counts());
  counters_.add_cut(decoder_.num_cut() - std::exchange(num_cut_, decoder_.num_cut()));
  ingest::Decoded decoded = decoder_.take();
  if (reader.is_damaged())
    decoded.rejected.push_back({"damaged", "a chunk of the overflow queue is damaged", 1});
  return decoded;
}

}  // namespace livedata::server
