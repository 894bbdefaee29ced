#pragma once

#include "base/clock.h"
#include "ingest/syslog/decoder.h"
#include "ingest/syslog/format/framing.h"
#include "server/streams/stream_session.h"
#include "server/syslog/syslog_counters.h"

namespace livedata::server {

/// Syslog over TCP or TLS (RFC 6587, RFC 5425). Nothing is ever answered.
class SyslogSession final : public StreamSession {
 public:
  /// The references must outlive the session.
  SyslogSession(const Peer& peer, const Limits& limits, const Clock& clock,
                const ingest::pipeline::Pipelines* pipelines, ingest::LabelGuard* label_guard,
                SyslogCounters& counters);

  Consumed consume(std::string_view bytes) override;
  Consumed finish() override;
  [[nodiscard]] std::uint64_t num_messages() const override { return num_messages_; }

 private:
  template <class Read>
  Consumed decode(const Read& read);

  const std::string peer_;
  const Clock& clock_;
  SyslogCounters& counters_;
  ingest::syslog::FrameReader frames_;
  ingest::syslog::Decoder decoder_;
  std::uint64_t num_messages_ = 0;
  std::uint64_t num_cut_ = 0;  // as far as it is counted
};

}  // namespace livedata::server
