#include "server/forward/forward_session.h"

#include <utility>

namespace livedata::server {
namespace {

// Until the client has shown that it knows the key.
constexpr auto kMaxHandshake = std::chrono::seconds(10);
// In the middle of a message.
constexpr auto kMaxPause = std::chrono::minutes(1);
// What a connection may hold even when all of them together hold too much.
constexpr std::size_t kSmallBytes = 256_KiB;

std::string_view reason_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnauthenticated:
      return "unauthenticated";
    case ErrorCode::kTooLarge:
      return "message_too_large";
    case ErrorCode::kResourceExhausted:
      return "too_many_incomplete";
    case ErrorCode::kUnavailable:
      return "cut_off";
    default:
      return "invalid_message";
  }
}

}  // namespace

ForwardSession::ForwardSession(const Peer& peer, const ForwardContext& context,
                               ForwardCounters& counters, std::string nonce)
    : peer_(peer),
      context_(context),
      counters_(counters),
      session_({.shared_key = context.shared_key,
                .nonce = std::move(nonce),
                .seconds = context.seconds}) {}

ForwardSession::~ForwardSession() { context_.num_held_bytes -= num_held_bytes_; }

void ForwardSession::note_held_bytes() {
  const std::size_t held = session_.num_held_bytes();
  context_.num_held_bytes += held - num_held_bytes_;  // may wrap, and so comes out right
  num_held_bytes_ = held;
}

bool ForwardSession::holds_too_much() const {
  return num_held_bytes_ > kSmallBytes && context_.num_held_bytes > context_.max_held_bytes;
}

void ForwardSession::break_off(const Error& error, Consumed& consumed) {
  broken_ = true;
  consumed.close = true;
  consumed.more = false;
  consumed.decoded.rejected.push_back({std::string(reason_of(error.code)), error.message, 1});
}

void ForwardSession::report(const Consumed& consumed) {
  counters_.add_rejected(consumed.decoded.rejected);
  for (const ingest::Rejection& rejection : consumed.decoded.rejected) {
    context_.notices.add(fmt::format("forward: {} ({}): {}{}", peer_.address, peer_.transport,
                                     rejection.message,
                                     broken_ && &rejection == &consumed.decoded.rejected.back()
                                         ? "; the connection is closed"
                                         : fmt::format("; events refused: {}", rejection.count)));
  }
}

Consumed ForwardSession::consume(std::string_view bytes) {
  counters_.add_bytes(bytes.size());
  ingest::fluent::Consumed taken = session_.consume(bytes, {.limits = context_.limits,
                                                            .now = context_.clock.now(),
                                                            .source = "forward",
                                                            .pipelines = context_.pipelines,
                                                            .label_guard = context_.label_guard});
  num_messages_ += taken.num_messages;
  counters_.add_messages(taken.num_messages, taken.num_events);
  note_held_bytes();
  Consumed consumed{
      .decoded = std::move(taken.decoded), .reply = std::move(taken.reply), .more = taken.more};
  if (taken.broken) {
    break_off(*taken.broken, consumed);
  } else if (!taken.more && holds_too_much()) {
    break_off({ErrorCode::kResourceExhausted,
               "all connections together have sent too much of messages that are not complete; "
               "send smaller chunks"},
              consumed);
  }
  report(consumed);
  return consumed;
}

/// What was begun and not sent to its end is lost, unless the sender waits for an acknowledgement.
Consumed ForwardSession::finish() {
  Consumed consumed;
  if (broken_ || session_.num_incomplete_bytes() == 0) return consumed;
  break_off({ErrorCode::kUnavailable,
             fmt::format("the connection ended within a message, after {} bytes of it",
                         session_.num_incomplete_bytes())},
            consumed);
  report(consumed);
  return consumed;
}

std::chrono::nanoseconds ForwardSession::max_silence() const {
  if (!session_.is_open()) return kMaxHandshake;
  return session_.num_incomplete_bytes() > 0 ? kMaxPause : std::chrono::nanoseconds(0);
}

}  // namespace livedata::server
