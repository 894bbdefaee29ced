#include "server/syslog/syslog_session.h"

#include <utility>

namespace livedata::server {

using ingest::syslog::Decoder;

SyslogSession::SyslogSession(const Peer& peer, const Limits& limits, const Clock& clock,
                             const ingest::pipeline::Pipelines* pipelines,
                             ingest::LabelGuard* label_guard, SyslogCounters& counters)
    : peer_(peer.address),
      clock_(clock),
      counters_(counters),
      frames_(limits.max_line_bytes),
      decoder_(limits, Decoder::kStreamsOfConnection, pipelines, label_guard) {}

template <class Read>
Consumed SyslogSession::decode(const Read& read) {
  decoder_.start(clock_.now());
  read([this](std::string_view message) {
    ++num_messages_;
    decoder_.add(message, peer_);
  });
  counters_.add_messages(decoder_.take_counts());
  const std::uint64_t cut = frames_.num_cut() + decoder_.num_cut();
  counters_.add_cut(cut - std::exchange(num_cut_, cut));
  Consumed consumed;
  consumed.decoded = decoder_.take();
  return consumed;
}

Consumed SyslogSession::consume(std::string_view bytes) {
  counters_.add_bytes(bytes.size());
  return decode([&](const auto& visit) { frames_.consume(bytes, visit); });
}

Consumed SyslogSession::finish() {
  return decode([&](const auto& visit) { frames_.finish(visit); });
}

}  // namespace livedata::server
