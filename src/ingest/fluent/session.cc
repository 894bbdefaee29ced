#include "ingest/fluent/session.h"

#include "base/bytes.h"
#include "ingest/record_intake.h"

namespace livedata::ingest::fluent {
namespace {

// A PING is some hundred bytes long.
constexpr std::size_t kMaxPingBytes = 4096;
// An event takes three bytes on the wire at least, and much more in memory.
constexpr std::size_t kMaxRecords = 1'000'000;

// Of one call; a message begun before that is read to its end.
constexpr std::size_t kEnoughBytes = 16_MiB;
constexpr std::size_t kEnoughRecords = 100'000;

// Of the buffer, between messages.
constexpr std::size_t kMaxKeptBytes = 256 * 1024;

constexpr char kNil = '\xc0';

bool is_array(char head) {
  const auto tag = static_cast<unsigned char>(head);
  return (tag >= 0x90 && tag <= 0x9f) || tag == 0xdc || tag == 0xdd;
}

}  // namespace

Session::Session(SessionOptions options)
    : seconds_(options.seconds ? std::move(options.seconds) : std::make_shared<WholeSeconds>()) {
  if (options.shared_key.empty()) return;
  handshake_.emplace(std::move(options.shared_key), std::move(options.server_hostname),
                     std::move(options.nonce));
}

std::string Session::greeting() const { return handshake_ ? handshake_->hello() : std::string(); }

std::size_t Session::max_message_bytes(const Limits& limits) const {
  return handshake_ ? kMaxPingBytes : limits.max_body_bytes;
}

Result<std::optional<std::size_t>> Session::find_message(std::string_view rest,
                                                         const Limits& limits) {
  if (!is_array(rest.front()) && rest.front() != kNil)
    return fail(ErrorCode::kInvalidArgument, "this is not the forward protocol");
  LIVEDATA_TRY(const std::optional<std::size_t> size, framer_.find_end(rest));
  if (size.value_or(rest.size()) > max_message_bytes(limits)) {
    return fail(ErrorCode::kTooLarge, "a message is larger than {} bytes; send smaller chunks",
                max_message_bytes(limits));
  }
  if (size) framer_ = {};
  return size;
}

Result<void> Session::take_message(std::string_view message, RecordIntake& intake,
                                   const Limits& limits, Spent& spent, Consumed& out) {
  if (handshake_) {
    const Handshake::Verdict verdict = handshake_->check(message);
    out.reply += verdict.answer;
    if (!verdict.accepted) {
      return fail(ErrorCode::kUnauthenticated, "the client was refused: {}", verdict.reason);
    }
    handshake_.reset();
    return {};
  }
  if (message.front() == kNil) return {};  // a heartbeat
  ExpansionBudget budget{limits.max_expanded_body_bytes, kMaxRecords, limits.max_expansion_ratio};
  LIVEDATA_TRY(const std::string acknowledgement, read_message(message, *seconds_, budget, intake));
  out.reply += acknowledgement;
  spent.bytes += message.size() + limits.max_expanded_body_bytes - budget.bytes;
  spent.records += kMaxRecords - budget.records;
  ++out.num_messages;
  return {};
}

Result<std::size_t> Session::take_next(std::string_view rest, RecordIntake& intake,
                                       const Limits& limits, Spent& spent, Consumed& out) {
  LIVEDATA_TRY(const std::optional<std::size_t> size, find_message(rest, limits));
  if (!size) return 0;
  LIVEDATA_RETURN_IF_ERROR(take_message(rest.substr(0, *size), intake, limits, spent, out));
  return *size;
}

Consumed Session::consume(std::string_view bytes, const DecodeContext& context) {
  buffer_.append(bytes);
  RecordIntake intake(context);
  Consumed out;
  Spent spent;
  std::size_t begin = 0;
  while (begin < buffer_.size() && !out.more) {
    const auto taken =
        take_next(std::string_view(buffer_).substr(begin), intake, context.limits, spent, out);
    if (!taken) out.broken = taken.error();
    if (taken.value_or(0) == 0) break;
    begin += *taken;
    out.more =
        begin < buffer_.size() && (spent.bytes >= kEnoughBytes || spent.records >= kEnoughRecords);
  }
  buffer_.erase(0, begin);
  if (buffer_.empty() && buffer_.capacity() > kMaxKeptBytes) buffer_.shrink_to_fit();
  out.num_events = spent.records;
  out.decoded = intake.take();
  return out;
}

}  // namespace livedata::ingest::fluent
