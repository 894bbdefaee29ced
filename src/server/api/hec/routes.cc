#include "server/api/hec/routes.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>

#include "ingest/hec/events.h"
#include "ingest/values/json.h"
#include "server/api/push.h"
#include "server/json/json_writer.h"

namespace livedata::server::hec {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

/// Codes of answers that are not in ingest::hec::Fault.
enum Code : int {
  kSuccess = 0,
  kInternalError = 8,
  kServerBusy = 9,
  kChannelMissing = 10,
  kInvalidChannel = 11,
  kHealthy = 17,
  kTooLarge = 27,
};

struct Row {
  int code;
  int status;
  std::string_view text;
};

// Splunk's "Troubleshoot HTTP Event Collector", possible error codes.
constexpr std::array kRows = {
    Row{kSuccess, 200, "Success"},
    Row{static_cast<int>(ingest::hec::Fault::kNoData), 400, "No data"},
    Row{static_cast<int>(ingest::hec::Fault::kInvalidFormat), 400, "Invalid data format"},
    Row{static_cast<int>(ingest::hec::Fault::kIncorrectIndex), 400, "Incorrect index"},
    Row{kInternalError, 500, "Internal server error"},
    Row{kServerBusy, 503, "Server is busy"},
    Row{kChannelMissing, 400, "Data channel is missing"},
    Row{kInvalidChannel, 400, "Invalid data channel"},
    Row{static_cast<int>(ingest::hec::Fault::kEventRequired), 400, "Event field is required"},
    Row{static_cast<int>(ingest::hec::Fault::kEventBlank), 400, "Event field cannot be blank"},
    Row{static_cast<int>(ingest::hec::Fault::kIndexedFields), 400,
        "Error in handling indexed fields"},
    Row{kHealthy, 200, "HEC is healthy"},
    Row{kTooLarge, 413, "Request entity too large"},
};

// Splunk wants a GUID, which is much shorter.
constexpr std::size_t kMaxChannelBytes = 256;

Response answer_json(int status, std::string json) {
  Response response = Response::json(std::move(json));
  response.content_type = "application/json; charset=UTF-8";
  response.status = status;
  return response;
}

/// {"text":"Success","code":0}, with one more member if there is a name for it.
Response answer(int code, std::string_view extra_name = "", std::uint64_t extra = 0) {
  const auto* const row =
      std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return r.code == code; });
  JsonWriter json;
  json.begin_object().key("text").string(row->text);
  json.key("code").number(static_cast<std::uint64_t>(row->code));
  if (!extra_name.empty()) json.key(extra_name).number(extra);
  Response response = answer_json(row->status, json.end_object().take());
  if (code == kServerBusy) response.headers.emplace_back("Retry-After", "1");
  return response;
}

Response answer(const Error& error) {
  switch (error.code) {
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kUnavailable:
      return answer(kServerBusy);
    case ErrorCode::kTooLarge:
      return answer(kTooLarge);
    case ErrorCode::kInvalidArgument:
      return answer(static_cast<int>(ingest::hec::Fault::kInvalidFormat));
    default:
      return answer(kInternalError);
  }
}

/// "" if there is none.
std::string_view channel_of(const Request& request) {
  const std::string_view header = request.header("x-splunk-request-channel");
  return header.empty() ? request.query.get("channel") : header;
}

/// Numbers for requests that want to ask later whether their records are safe. They are: that is
/// what the answer with the number waited for. So nothing is kept of them.
using AckCounter = std::shared_ptr<std::atomic<std::uint64_t>>;

using Decoder = ingest::hec::Events (*)(std::string_view, const ingest::hec::Metadata&,
                                        const ingest::DecodeContext&);

Response push(const Request& request, const ApiContext& context, const AckCounter& acks,
              Decoder decode) {
  const std::string_view channel = channel_of(request);
  if (channel.size() > kMaxChannelBytes) return answer(kInvalidChannel);
  std::string buffer;
  const auto body = plain_body(request, context, buffer);
  if (!body) return answer(body.error());
  const Parameters& query = request.query;
  const ingest::hec::Metadata defaults{.index = query.get("index"),
                                       .sourcetype = query.get("sourcetype"),
                                       .source = query.get("source"),
                                       .host = query.get("host")};
  ingest::hec::Events events =
      decode(*body, defaults, decode_context(context, request.identity, "hec"));
  if (const auto stored = store(context, request.identity, std::move(events.decoded)); !stored)
    return answer(stored.error());
  // The good events are kept; the sender must hear of the first of the others.
  if (const auto& refused = events.refused) {
    const int code = static_cast<int>(refused->fault);
    return refused->event_number ? answer(code, "invalid-event-number", *refused->event_number)
                                 : answer(code);
  }
  return channel.empty() ? answer(kSuccess) : answer(kSuccess, "ackId", (*acks)++);
}

/// {"acks":[0,1]}: whether the records of these requests are safe. Every number that was ever given
/// out says so, also one from before a restart.
Response acknowledge(const Request& request) {
  if (channel_of(request).empty()) return answer(kChannelMissing);
  const auto document = ingest::parse_json(request.body);
  yyjson_val* acks =
      document ? yyjson_obj_get(yyjson_doc_get_root(document->get()), "acks") : nullptr;
  if (!yyjson_is_arr(acks)) return answer(static_cast<int>(ingest::hec::Fault::kInvalidFormat));
  JsonWriter json;
  json.begin_object().key("acks").begin_object();
  yyjson_arr_iter it = yyjson_arr_iter_with(acks);
  while (yyjson_val* id = yyjson_arr_iter_next(&it)) {
    if (!yyjson_is_uint(id)) return answer(static_cast<int>(ingest::hec::Fault::kInvalidFormat));
    json.key(std::to_string(yyjson_get_uint(id))).raw("true");
  }
  return answer_json(200, json.end_object().end_object().take());
}

}  // namespace

void add_routes(const ApiContext& context, Router& router) {
  const std::string root = "/services/collector";
  const auto acks = std::make_shared<std::atomic<std::uint64_t>>(0);
  const auto add_push = [&](const char* path, Decoder decode) {
    router.add("POST", root + path, [context, acks, decode](const Request& request) {
      return push(request, context, acks, decode);
    });
    // Docker's log driver tries a connection in this way.
    router.add("OPTIONS", root + path, [](const Request&) { return Response::text(200, ""); });
  };
  for (const char* path : {"", "/event", "/event/1.0"}) add_push(path, &ingest::hec::decode_events);
  for (const char* path : {"/raw", "/raw/1.0"}) add_push(path, &ingest::hec::decode_raw);
  for (const char* path : {"/health", "/health/1.0"})
    router.add("GET", root + path, [](const Request&) { return answer(kHealthy); });
  router.add("POST", root + "/ack", acknowledge);
}

}  // namespace livedata::server::hec
