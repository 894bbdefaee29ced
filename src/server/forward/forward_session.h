#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "ingest/fluent/session.h"
#include "model/limits.h"
#include "server/forward/forward_counters.h"
#include "server/forward/sender_notices.h"
#include "server/streams/stream_session.h"

namespace livedata::server {

/// What the sessions of one server have in common.
struct ForwardContext {
  const Limits& limits;
  const Clock& clock;
  const ingest::pipeline::Pipelines* pipelines = nullptr;
  ingest::LabelGuard* label_guard = nullptr;
  std::string shared_key = {};
  /// Of messages that are not complete, in memory, of all connections.
  std::size_t max_held_bytes = 256_MiB;
  std::shared_ptr<ingest::fluent::WholeSeconds> seconds;
  SenderNotices& notices;
  std::atomic<std::size_t>& num_held_bytes;
};

/// The forward protocol over TCP or TLS, as a server. The references must outlive the session.
class ForwardSession final : public StreamSession {
 public:
  /// `nonce`: 16 random bytes, if there is a shared key.
  ForwardSession(const Peer& peer, const ForwardContext& context, ForwardCounters& counters,
                 std::string nonce);
  ~ForwardSession() override;
  ForwardSession(const ForwardSession&) = delete;
  ForwardSession& operator=(const ForwardSession&) = delete;

  std::string greeting() override { return session_.greeting(); }
  Consumed consume(std::string_view bytes) override;
  Consumed finish() override;
  [[nodiscard]] std::chrono::nanoseconds max_silence() const override;
  [[nodiscard]] std::uint64_t num_messages() const override { return num_messages_; }

 private:
  void note_held_bytes();
  [[nodiscard]] bool holds_too_much() const;
  void break_off(const Error& error, Consumed& consumed);
  void report(const Consumed& consumed);

  const Peer peer_;
  const ForwardContext& context_;
  ForwardCounters& counters_;
  ingest::fluent::Session session_;
  std::size_t num_held_bytes_ = 0;  // as far as the context knows
  std::uint64_t num_messages_ = 0;
  bool broken_ = false;
};

}  // namespace livedata::server
