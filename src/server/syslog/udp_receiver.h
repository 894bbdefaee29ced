#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/buffer_gauges.h"
#include "base/clock.h"
#include "base/logger.h"
#include "base/metric.h"
#include "ingest/syslog/decoder.h"
#include "server/streams/batch_writer.h"
#include "server/streams/stream_session.h"
#include "server/syslog/datagram_queue.h"
#include "server/syslog/syslog_counters.h"
#include "server/syslog/udp_overflow.h"
#include "server/syslog/udp_socket.h"

namespace livedata::server {

/// Receives syslog messages as datagrams (RFC 5426) on a thread of its own and has them written.
/// One chunk is written at a time, so that the records of a sender keep their order; what comes
/// meanwhile waits in a bounded queue, in memory and then on disk. Whatever is dropped is counted.
class UdpReceiver {
 public:
  struct Options {
    std::string host;
    std::uint16_t port = 0;
    int receive_buffer_bytes = static_cast<int>(8_MiB);
    std::size_t queue_bytes = 32_MiB;  ///< in memory
    std::optional<UdpOverflow> overflow = std::nullopt;
    std::chrono::nanoseconds stop_grace = std::chrono::seconds(5);
    const ingest::pipeline::Pipelines* pipelines = nullptr;
    ingest::LabelGuard* label_guard = nullptr;
    /// Datagrams are the single tenant's, since those of all senders wait in one queue: who sends
    /// for another one is refused, too. Null: everybody may send.
    AdmitPeer admit = nullptr;
  };
  /// The references must outlive the receiver.
  static Result<std::unique_ptr<UdpReceiver>> start(const Options& options, const Limits& limits,
                                                    BatchWriter& writer, const Clock& clock,
                                                    Logger& logger, MetricRegistry& metrics);
  /// Writes what has arrived. What can't be written within the grace is kept on disk for the next
  /// start, or dropped.
  ~UdpReceiver();
  UdpReceiver(const UdpReceiver&) = delete;
  UdpReceiver& operator=(const UdpReceiver&) = delete;

  [[nodiscard]] std::uint16_t port() const { return socket_->port(); }

 private:
  UdpReceiver(const Options& options, const Limits& limits, BatchWriter& writer, const Clock& clock,
              Logger& logger, MetricRegistry& metrics, std::unique_ptr<UdpSocket> socket,
              std::unique_ptr<storage::OverflowQueue> overflow);
  void show_metrics();
  void run();
  void queue(std::string_view datagram, std::string_view peer);
  bool is_admitted(std::string_view peer);
  void count_kernel_drops();
  void submit_next() LIVEDATA_EXCLUDES(mutex_);
  void submit_oldest() LIVEDATA_EXCLUDES(mutex_);
  void submit(DatagramQueue::Chunk chunk);
  void after_write(DatagramQueue::Chunk chunk, bool durable) LIVEDATA_EXCLUDES(mutex_);
  ingest::Decoded decode(std::string_view chunk);
  void wait_until_written() LIVEDATA_EXCLUDES(mutex_);
  [[nodiscard]] double seconds_behind() const;

  const Options options_;
  BatchWriter& writer_;
  const Clock& clock_;
  Logger& logger_;
  MetricRegistry& metrics_;
  SyslogCounters counters_;
  Counter& dropped_by_kernel_;
  Counter& dropped_less_severe_;
  Counter& dropped_full_;
  Counter& dropped_empty_;
  Counter& dropped_unknown_;
  Counter& dropped_stopping_;
  Counter& queued_;
  Counter& taken_;
  std::unique_ptr<UdpSocket> socket_;
  DatagramQueue queue_;
  std::optional<BufferGauges> gauges_;
  ingest::syslog::Decoder decoder_;  // used by the one chunk that is being written
  std::uint64_t num_cut_ = 0;        // the same
  std::string last_peer_;            // of the receiving thread
  bool is_last_admitted_ = false;    // the same
  std::uint64_t kernel_drops_ = 0;   // as far as they are counted
  std::atomic<bool> stopping_{false};
  Mutex mutex_;
  std::condition_variable idle_;
  bool is_writing_ LIVEDATA_GUARDED_BY(mutex_) = false;
  std::optional<DatagramQueue::Chunk> given_up_ LIVEDATA_GUARDED_BY(mutex_);  // when stopping
  std::thread thread_;
};

}  // namespace livedata::server
