#include "server/grpc/call_server.h"

#include <algorithm>

#include "server/grpc/message.h"
#include "server/grpc/status.h"

namespace livedata::server::grpc {
namespace {

constexpr std::string_view kContentType = "application/grpc";
constexpr std::string_view kAcceptedEncodings = "identity,gzip,deflate";
constexpr std::size_t kMaxQuotedPath = 128;
constexpr std::size_t kMaxStatusText = 1024;  // before escapes; clients bound the size of headers

/// "application/grpc", and what may stand behind it: "+proto", ";charset=utf-8".
bool is_grpc(std::string_view content_type) {
  if (!content_type.starts_with(kContentType)) return false;
  content_type.remove_prefix(kContentType.size());
  return content_type.empty() || content_type.front() == '+' || content_type.front() == ';';
}

HeaderList response_headers() {
  return {{":status", "200"},
          {"content-type", std::string(kContentType)},
          {"grpc-accept-encoding", std::string(kAcceptedEncodings)}};
}

void add_status(const Error& error, HeaderList& headers) {
  headers.emplace_back("grpc-status", std::to_string(status_code(error.code)));
  const Error shown{error.code, error.message.substr(0, kMaxStatusText)};
  headers.emplace_back("grpc-message", encode_status_text(shown.message));
  headers.emplace_back("grpc-status-details-bin", encode_binary_header(grpc::encode_status(shown)));
}

}  // namespace

Result<std::string> run_call(const ReadyCall& call, const CallLimits& limits) {
  // Nobody waits for it any more, and the client may send it again.
  if (call.deadline.cancelled()) return fail(ErrorCode::kCancelled, "the client went away");
  if (call.deadline.expired())
    return fail(ErrorCode::kDeadlineExceeded, "the call's deadline passed before its turn came");
  LIVEDATA_TRY(const std::string message,
               read_only_message(call.body, call.encoding, limits.max_expanded_bytes,
                                 limits.max_expansion_ratio));
  return (*call.method)(call.caller, message, call.deadline);
}

CallServer::CallServer(const Methods& methods, const CallLimits& limits, CallTotals& totals,
                       MetricRegistry& metrics, Start start)
    : methods_(methods),
      limits_(limits),
      totals_(totals),
      metrics_(metrics),
      start_(std::move(start)),
      session_(*this) {}

CallServer::~CallServer() {
  while (!calls_.empty()) forget(calls_.begin()->first);
}

Result<CallServer::Call> CallServer::accept(const HeaderList& headers) const {
  Call call;
  call.path = find_header(headers, ":path");
  const auto method = methods_.find(call.path);
  if (method == methods_.end())
    return fail(ErrorCode::kUnsupported, "there is no method {}",
                call.path.substr(0, kMaxQuotedPath));
  call.method = &method->second;
  auto encoding = ingest::parse_content_encoding(find_header(headers, "grpc-encoding"));
  if (!encoding || *encoding == ingest::Encoding::kSnappy)
    return fail(ErrorCode::kUnsupported, "grpc-encoding must be one of {}", kAcceptedEncodings);
  call.encoding = *encoding;
  call.caller = {.authorization = std::string(find_header(headers, "authorization")),
                 .tenant = std::string(find_header(headers, "x-scope-orgid"))};
  const auto timeout = parse_timeout(find_header(headers, "grpc-timeout"));
  call.deadline =
      Deadline::after(std::min(timeout.value_or(limits_.max_duration), limits_.max_duration));
  if (totals_.calls >= limits_.max_calls)
    return fail(ErrorCode::kUnavailable, "too many calls at the same time");
  return call;
}

void CallServer::on_headers(StreamNumber stream, HeaderList headers) {
  // What is no gRPC at all gets an answer of HTTP (PROTOCOL-HTTP2.md, "Requests").
  if (find_header(headers, ":method") != "POST" || !is_grpc(find_header(headers, "content-type"))) {
    const bool is_post = find_header(headers, ":method") == "POST";
    session_.answer(stream, {{":status", is_post ? "415" : "405"}}, {}, {});
    return;
  }
  auto call = accept(headers);
  if (!call) {
    count(find_header(headers, ":path"), status_code(call.error().code));
    refuse(stream, call.error());
    return;
  }
  ++totals_.calls;
  calls_.emplace(stream, *std::move(call));
}

void CallServer::on_data(StreamNumber stream, std::string_view bytes) {
  const auto found = calls_.find(stream);
  if (found == calls_.end() || found->second.is_running) return;  // refused already
  Call& call = found->second;
  Error error;
  if (call.body.size() + bytes.size() > limits_.max_message_bytes + kMessagePrefix) {
    error = {ErrorCode::kTooLarge, fmt::format("the message is larger than {} bytes; send smaller "
                                               "batches",
                                               limits_.max_message_bytes)};
  } else if (totals_.buffered_bytes + bytes.size() > limits_.max_buffered_bytes) {
    error = {ErrorCode::kUnavailable, "too many large calls at the same time"};
  } else {
    call.body += bytes;
    call.buffered_bytes += bytes.size();
    totals_.buffered_bytes += bytes.size();
    return;
  }
  give_up(stream, error);
}

void CallServer::on_end(StreamNumber stream) {
  const auto found = calls_.find(stream);
  if (found == calls_.end()) return;
  Call& call = found->second;
  call.is_running = true;
  if (start_(stream, {call.method, std::move(call.caller), std::move(call.body), call.encoding,
                      call.deadline}))
    return;
  call.is_running = false;
  give_up(stream, {ErrorCode::kUnavailable, "too many calls at the same time"});
}

void CallServer::on_close(StreamNumber stream) {
  const auto found = calls_.find(stream);
  if (found == calls_.end()) return;
  if (found->second.is_running) {
    found->second.deadline.cancel();
    found->second.is_closed = true;
  } else {
    forget(stream);
  }
}

void CallServer::finish(StreamNumber stream, const Result<std::string>& reply) {
  const auto found = calls_.find(stream);
  if (found == calls_.end()) return;
  const bool is_closed = found->second.is_closed;
  count(found->second.path, reply ? 0 : status_code(reply.error().code));
  forget(stream);
  if (is_closed) return;
  if (!reply) {
    refuse(stream, reply.error());
    return;
  }
  session_.answer(stream, response_headers(), frame_message(*reply), {{"grpc-status", "0"}});
}

void CallServer::refuse(StreamNumber stream, const Error& error) {
  HeaderList headers = response_headers();
  add_status(error, headers);
  session_.answer(stream, headers, {}, {});
}

void CallServer::give_up(StreamNumber stream, const Error& error) {
  count(calls_.find(stream)->second.path, status_code(error.code));
  forget(stream);
  refuse(stream, error);
}

void CallServer::count(std::string_view path, int code) {
  const bool is_known = methods_.find(path) != methods_.end();
  metrics_
      .counter("livedata_grpc_calls_total", "gRPC calls answered",
               fmt::format("method=\"{}\",code=\"{}\"", is_known ? path : "other", code))
      .add();
}

void CallServer::forget(StreamNumber stream) {
  const auto found = calls_.find(stream);
  totals_.buffered_bytes -= found->second.buffered_bytes;
  --totals_.calls;
  calls_.erase(found);
}

void CallServer::refuse_overdue() {
  const Error error{ErrorCode::kDeadlineExceeded, "the request took too long to come in"};
  for (auto next = calls_.begin(); next != calls_.end();) {
    const auto& [stream, call] = *next++;
    if (!call.is_running && call.deadline.expired()) give_up(stream, error);
  }
}

}  // namespace livedata::server::grpc
