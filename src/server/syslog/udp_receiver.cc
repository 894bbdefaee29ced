#include "server/syslog/udp_receiver.h"

#include <utility>

#include "base/thread_pool.h"

namespace livedata::server {
namespace {

constexpr std::size_t kStreams = 16'384;  // remembered by the decoder
constexpr std::string_view kQueueGauge = "livedata_syslog_udp_queue_bytes";
constexpr std::string_view kBufferGauge = "livedata_syslog_udp_receive_buffer_bytes";

Counter& dropped(MetricRegistry& metrics, std::string_view reason) {
  return metrics.counter("livedata_syslog_dropped_total",
                         "Datagrams that were not taken, by reason",
                         fmt::format("reason=\"{}\"", reason));
}

}  // namespace

UdpReceiver::UdpReceiver(const Options& options, const Limits& limits, BatchWriter& writer,
                         const Clock& clock, MetricRegistry& metrics,
                         std::unique_ptr<UdpSocket> socket)
    : options_(options),
      writer_(writer),
      clock_(clock),
      metrics_(metrics),
      counters_(metrics, "udp"),
      dropped_by_kernel_(dropped(metrics, "kernel")),
      dropped_less_severe_(dropped(metrics, "less_severe")),
      dropped_full_(dropped(metrics, "queue_full")),
      dropped_empty_(dropped(metrics, "empty")),
      socket_(std::move(socket)),
      queue_(options.queue_bytes),
      decoder_(limits, kStreams, options.pipelines) {}

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
  std::unique_ptr<UdpReceiver> receiver(new UdpReceiver(options, limits, writer, clock,
                                                        metrics,  // NOLINT: private constructor
                                                        std::move(socket)));
  UdpReceiver* self = receiver.get();
  metrics.gauge(kQueueGauge, "Bytes of datagrams that wait or are being written", "",
                [self] { return static_cast<double>(self->queue_.size_bytes()); });
  metrics.gauge(kBufferGauge, "The kernel's buffer for datagrams", "",
                [size = self->socket_->receive_buffer_bytes()] { return size; });
  receiver->thread_ = std::thread([self] {
    name_this_thread("ld-syslog-udp");
    self->run();
  });
  return receiver;
}

UdpReceiver::~UdpReceiver() {
  metrics_.remove_gauge(kQueueGauge);
  metrics_.remove_gauge(kBufferGauge);
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
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
  switch (queue_.push(datagram, peer)) {
    case DatagramQueue::Outcome::kTaken:
      break;
    case DatagramQueue::Outcome::kLessSevere:
      dropped_less_severe_.add();
      break;
    case DatagramQueue::Outcome::kFull:
      dropped_full_.add();
      break;
  }
}

void UdpReceiver::count_kernel_drops() {
  const std::uint64_t total = socket_->num_dropped();
  dropped_by_kernel_.add(total - std::exchange(kernel_drops_, total));
}

void UdpReceiver::submit_next() {
  const MutexLock lock(mutex_);
  if (!is_writing_) submit_oldest();
}

void UdpReceiver::submit_oldest() {
  auto taken = queue_.take();
  is_writing_ = taken.has_value();
  if (!taken) {
    idle_.notify_all();
    return;
  }
  const auto chunk = std::make_shared<const DatagramChunk>(*std::move(taken));
  writer_.submit({chunk->bytes.size(), [this, chunk] { return decode(*chunk); },
                  [this, chunk](bool) {
                    queue_.release(*chunk);
                    // The destructor waits for the last one, and for the end of this lock.
                    const MutexLock lock(mutex_);
                    submit_oldest();
                  }});
}

ingest::Decoded UdpReceiver::decode(const DatagramChunk& chunk) {
  decoder_.start(clock_.now());
  chunk.for_each(
      [this](std::string_view datagram, std::string_view peer) { decoder_.add(datagram, peer); });
  counters_.add_messages(decoder_.take_counts());
  counters_.add_cut(decoder_.num_cut() - std::exchange(num_cut_, decoder_.num_cut()));
  return decoder_.take();
}

}  // namespace livedata::server
