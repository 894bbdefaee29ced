#include "cli/push_client.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "ingest/loki/push_encode.h"
#include "ingest/values/json.h"

namespace livedata::cli {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

constexpr int kTooLarge = 413;
constexpr int kBadRequest = 400;
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;

Error refused_request(const server::ClientResponse& response, const std::string& address) {
  const bool is_stranger = response.status == kUnauthorized || response.status == kForbidden;
  return {is_stranger ? ErrorCode::kUnauthenticated : ErrorCode::kUnavailable,
          fmt::format("{} answers {}: {}", address, response.status, answer_text(response))};
}

/// "3 records refused (reason): message", as livedata tells of the part that it has not kept.
struct RefusedLine {
  std::size_t count = 0;
  std::string_view reason;
  std::string_view message;
};
bool parse_refused_line(std::string_view line, RefusedLine& out) {
  constexpr std::string_view kWords = " records refused (";
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), out.count);
  if (error != std::errc()) return false;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  const std::size_t close = line.find("): ");
  if (!line.starts_with(kWords) || close == std::string_view::npos || close < kWords.size())
    return false;
  out.reason = line.substr(kWords.size(), close - kWords.size());
  out.message = line.substr(close + 3);
  return true;
}

}  // namespace

std::size_t PushClient::refused() const {
  std::size_t total = 0;
  for (const auto& [reason, refusal] : refusals_) total += refusal.count;
  return total;
}

void PushClient::refuse(std::string_view reason, std::string_view message, std::size_t count) {
  Refusal& refusal = refusals_[std::string(reason)];
  if (refusal.count == 0) refusal.message = message;
  refusal.count += count;
}

void PushClient::count_refused(std::string_view answer, std::size_t num_sent) {
  std::size_t total = 0;
  for (std::string_view rest = answer; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    RefusedLine refused;
    if (!parse_refused_line(line, refused)) continue;
    refuse(refused.reason, refused.message, refused.count);
    total += refused.count;
  }
  // Another server, or another reason: nobody knows what it has kept.
  if (total == 0) {
    refuse("refused", answer.substr(0, answer.find('\n')), num_sent);
    total = num_sent;
  }
  stored_ += num_sent - std::min(total, num_sent);
}

Result<void> PushClient::push_halves(const RecordBatch& batch) {
  const auto half = static_cast<RowIndex>(batch.num_rows() / 2);
  RecordBatch first;
  RecordBatch second;
  for (RowIndex row = 0; row < batch.num_rows(); ++row)
    (row < half ? first : second).add_row(batch, row);
  LIVEDATA_RETURN_IF_ERROR(push(first));
  return push(second);
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as a batch has halves
Result<void> PushClient::push(const RecordBatch& batch) {
  if (batch.empty()) return {};
  LIVEDATA_TRY(const auto response, client_.send({.method = "POST",
                                                  .target = "/loki/api/v1/push",
                                                  .content_type = "application/x-protobuf",
                                                  .body = ingest::loki::encode_push(batch)}));
  if (response.status == 200 || response.status == 204) {
    stored_ += batch.num_rows();
    return {};
  }
  if (response.status == kTooLarge && batch.num_rows() > 1) return push_halves(batch);
  if (response.status == kTooLarge || response.status == kBadRequest) {
    count_refused(response.body, batch.num_rows());
    return {};
  }
  return fail(refused_request(response, client_.address()));
}

Result<void> PushClient::count_json_answer(std::string_view answer) {
  LIVEDATA_TRY(const ingest::JsonDocument document, ingest::parse_json(answer));
  yyjson_val* root = yyjson_doc_get_root(document.get());
  stored_ += yyjson_get_uint(yyjson_obj_get(root, "entries"));
  yyjson_arr_iter it = yyjson_arr_iter_with(yyjson_obj_get(root, "rejected"));
  while (yyjson_val* rejection = yyjson_arr_iter_next(&it)) {
    refuse(ingest::json_string(yyjson_obj_get(rejection, "reason")),
           ingest::json_string(yyjson_obj_get(rejection, "message")),
           yyjson_get_uint(yyjson_obj_get(rejection, "count")));
  }
  return {};
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as a text has halves
Result<void> PushClient::push_ndjson(std::string_view labels, std::string_view lines) {
  if (lines.empty()) return {};
  LIVEDATA_TRY(const auto response,
               client_.send({.method = "POST",
                             .target = fmt::format("/api/v1/push?partial=1&{}", labels),
                             .content_type = "application/x-ndjson",
                             .body = std::string(lines)}));
  if (response.status == 200) return count_json_answer(response.body);
  if (response.status == kTooLarge) {
    const std::size_t middle = lines.find('\n', lines.size() / 2);
    if (middle + 1 < lines.size()) {
      LIVEDATA_RETURN_IF_ERROR(push_ndjson(labels, lines.substr(0, middle + 1)));
      return push_ndjson(labels, lines.substr(middle + 1));
    }
    refuse("too_large", answer_text(response),
           static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n')));
    return {};
  }
  return fail(refused_request(response, client_.address()));
}

int report_refusals(std::string_view command, const PushClient& client) {
  for (const auto& [reason, refusal] : client.refusals()) {
    fmt::print(stderr, "livedata {}: {} records were refused ({}): {}\n", command, refusal.count,
               reason, refusal.message);
  }
  return client.refusals().empty() ? 0 : 1;
}

}  // namespace livedata::cli
