#include "archive/s3/metadata_service.h"

#include <algorithm>
#include <fstream>
#include <memory>

#include <yyjson.hpp>

#include "base/time_format.h"

namespace livedata::archive::s3 {
namespace {

namespace json = livedata_yyjson;
using Environment = std::map<std::string, std::string>;

constexpr std::chrono::seconds kTimeLimit{3};
constexpr std::size_t kMaxAnswerBytes = 64U * 1024U;
constexpr std::size_t kMaxTokenBytes = 32U * 1024U;

std::string value_of(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

/// The body of an answer with status 200.
Result<std::string> ask(http_client::Transport& transport, http_client::Request request,
                        const Deadline& deadline) {
  request.max_answer_bytes = kMaxAnswerBytes;
  LIVEDATA_TRY(auto answer, transport.send(request, deadline.until(kTimeLimit)));
  if (answer.status == 200) return std::move(answer.body);
  return fail(answer.status == 404 ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
              "{} answers with status {}", request.url, answer.status);
}

std::string_view text_of(json::yyjson_val* object, const char* name) {
  const char* text = json::yyjson_get_str(json::yyjson_obj_get(object, name));
  return text == nullptr ? std::string_view() : text;
}

Result<std::optional<LentCredentials>> read_credentials(std::string body) {
  const std::unique_ptr<json::yyjson_doc, decltype(&json::yyjson_doc_free)> document(
      json::yyjson_read(body.data(), body.size(), json::YYJSON_READ_NOFLAG),
      &json::yyjson_doc_free);
  json::yyjson_val* root = json::yyjson_doc_get_root(document.get());
  LentCredentials lent;
  lent.credentials.access_key_id = text_of(root, "AccessKeyId");
  lent.credentials.secret_access_key = text_of(root, "SecretAccessKey");
  lent.credentials.session_token = text_of(root, "Token");
  const auto expires_at = parse_rfc3339(text_of(root, "Expiration"));
  // The answer itself is a secret, and in no error.
  if (lent.credentials.access_key_id.empty() || lent.credentials.secret_access_key.empty() ||
      !expires_at)
    return fail(ErrorCode::kUnavailable, "the metadata service answers without credentials");
  lent.expires_at = *expires_at;
  return lent;
}

bool may_be_asked_by_http(std::string_view url) {
  constexpr std::string_view kHosts[] = {"127.0.0.1",     "localhost",      "[::1]",
                                         "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return false;
  url.remove_prefix(kScheme.size());
  return std::any_of(std::begin(kHosts), std::end(kHosts), [&](std::string_view host) {
    return url.starts_with(host) &&
           (url.size() == host.size() || url[host.size()] == ':' || url[host.size()] == '/');
  });
}

Result<std::string> container_token(const Environment& environment) {
  const std::string path = value_of(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (path.empty()) return value_of(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
  std::ifstream file(path);
  std::string token(kMaxTokenBytes, '\0');
  file.read(token.data(), static_cast<std::streamsize>(token.size()));
  token.resize(static_cast<std::size_t>(file.gcount()));
  token.erase(token.find_last_not_of(" \t\r\n") + 1);
  if (!token.empty()) return token;
  return fail(ErrorCode::kNotFound,
              "{}: no token in it; see AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path);
}

bool is_role(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("+=,.@_-").find(c) != std::string_view::npos;
  });
}

}  // namespace

Result<std::optional<LentCredentials>> ask_container(http_client::Transport& transport,
                                                     const Environment& environment,
                                                     const Deadline& deadline) {
  const std::string relative = value_of(environment, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const std::string full = value_of(environment, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (relative.empty() && full.empty()) return std::nullopt;
  if (relative.empty() && !full.starts_with("https://") && !may_be_asked_by_http(full))
    return fail(ErrorCode::kPermissionDenied,
                "AWS_CONTAINER_CREDENTIALS_FULL_URI is an address of http on another machine");
  http_client::Request request;
  request.url = relative.empty() ? full : "http://169.254.170.2" + relative;
  LIVEDATA_TRY(std::string token, container_token(environment));
  if (!token.empty()) request.headers.push_back({"Authorization", std::move(token)});
  LIVEDATA_TRY(std::string body, ask(transport, std::move(request), deadline));
  return read_credentials(std::move(body));
}

Result<std::optional<LentCredentials>> ask_instance(http_client::Transport& transport,
                                                    const Environment& environment,
                                                    const Deadline& deadline) {
  if (value_of(environment, "AWS_EC2_METADATA_DISABLED") == "true") return std::nullopt;
  std::string host = value_of(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
  if (host.empty()) host = "http://169.254.169.254";
  while (host.ends_with('/')) host.pop_back();
  LIVEDATA_TRY(const std::string token,
               ask(transport,
                   {.method = "PUT",
                    .url = host + "/latest/api/token",
                    .headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}}},
                   deadline));
  const std::string roles = host + "/latest/meta-data/iam/security-credentials/";
  const std::vector<http_client::Header> headers = {{"X-aws-ec2-metadata-token", token}};
  LIVEDATA_TRY(const std::string listed,
               ask(transport, {.url = roles, .headers = headers}, deadline));
  const std::string role = listed.substr(0, listed.find_first_of("\r\n"));
  if (!is_role(role)) return fail(ErrorCode::kNotFound, "this instance has no role");
  LIVEDATA_TRY(std::string body,
               ask(transport, {.url = roles + role, .headers = headers}, deadline));
  return read_credentials(std::move(body));
}

}  // namespace livedata::archive::s3
