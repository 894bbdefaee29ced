#include "ingest/fluent/session.h"

#include "ingest/record_intake.h"

namespace livedata::ingest::fluent {
namespace {

// A PING is some hundred bytes long.
constexpr std::size_t kMaxPingBytes = 4096;
// An event takes three bytes on the wire at least, and much more in memory.
constexpr std::size_t kMaxRecords = 1'000'000;

// Of the buffer, between messages.
constexpr std::size_t kMaxKeptBytes = 256 * 1024;

constexpr char kNil = '\xc0';

bool is_array(char head) {
  const auto tag = static_cast<unsigned char>(head);
  return (tag >= 0x90 && tag <= 0x9f) || tag == 0xdc || tag == 0xdd;
}

}  // namespace

Session::Session(SessionOptions options) {
  if (options.shared_key.empty()) return;
  handshake_.emplace(std::move(options.shared_key), std::move(options.server_hostname),
                     std::move(options.nonce));
}

std::string Session::greeting() const { return handshake_ ? handshake_->hello() : std::string(); }

std::size_t Session::max_message_bytes(const Limits& limits) const {
  return handshake_ ? kMaxPingBytes : limits.max_body_bytes;
}

Result<void> Session::take_message(std::string_view message, ExpansionBudget& budget,
                                   RecordIntake& intake, std::string& reply) {
  if (handshake_) {
    const Handshake::Verdict verdict = handshake_->check(message);
    reply += verdict.answer;
    if (!verdict.accepted) {
      return fail(ErrorCode::kUnauthenticated, "the client was refused: {}", verdict.reason);
    }
    handshake_.reset();
    return {};
  }
  if (message.front() != kNil) reply += read_message(message, budget, intake);  // nil: a heartbeat
  return {};
}

Consumed Session::consume(std::string_view bytes, const DecodeContext& context) {
  buffer_.append(bytes);
  RecordIntake intake(context);
  ExpansionBudget budget{context.limits.max_expanded_body_bytes, kMaxRecords,
                         context.limits.max_expansion_ratio};
  Consumed out;
  std::size_t begin = 0;
  const auto read = [&]() -> Result<void> {
    while (begin < buffer_.size()) {
      const std::string_view rest = std::string_view(buffer_).substr(begin);
      if (!is_array(rest.front()) && rest.front() != kNil)
        return fail(ErrorCode::kInvalidArgument, "this is not the forward protocol");
      LIVEDATA_TRY(const std::optional<std::size_t> size, framer_.find_end(rest));
      if (size.value_or(rest.size()) > max_message_bytes(context.limits)) {
        return fail(ErrorCode::kTooLarge, "a message is larger than {} bytes; send smaller chunks",
                    max_message_bytes(context.limits));
      }
      if (!size) return {};
      framer_ = {};
      begin += *size;
      LIVEDATA_RETURN_IF_ERROR(take_message(rest.substr(0, *size), budget, intake, out.reply));
    }
    return {};
  };
  if (auto done = read(); !done) out.broken = std::move(done).error();
  buffer_.erase(0, begin);
  if (buffer_.empty() && buffer_.capacity() > kMaxKeptBytes) buffer_.shrink_to_fit();
  out.decoded = intake.take();
  return out;
}

}  // namespace livedata::ingest::fluent
