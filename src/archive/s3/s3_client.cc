#include "archive/s3/s3_client.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "archive/s3/digests.h"

namespace livedata::archive::s3 {
namespace {

/// Beyond what a part takes on a line of a megabit; what stands still ends before.
constexpr std::chrono::minutes kAttemptLimit{10};

template <std::size_t N>
bool is_one_of(std::string_view code, const std::array<std::string_view, N>& codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool may_be_better_later(const Outcome& outcome) {
  constexpr std::array<std::string_view, 6> kCodes = {"InternalError",      "RequestTimeout",
                                                      "ServiceUnavailable", "SlowDown",
                                                      "OperationAborted",   "Throttling"};
  const int status = outcome.answer.status;
  return status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505) ||
         is_one_of(outcome.error.code, kCodes);
}

bool are_credentials_stale(const Outcome& outcome) {
  constexpr std::array<std::string_view, 5> kCodes = {"ExpiredToken", "ExpiredTokenException",
                                                      "InvalidAccessKeyId", "InvalidToken",
                                                      "SignatureDoesNotMatch"};
  return is_one_of(outcome.error.code, kCodes);
}

std::chrono::seconds retry_after(const http_client::Answer& answer) {
  const std::string_view text = answer.header("retry-after");
  int seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::chrono::seconds(seconds);
}

ErrorCode code_of(int status) {
  switch (status) {
    case 401:
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
      return ErrorCode::kNotFound;
    case 413:
      return ErrorCode::kTooLarge;
    case 501:
      return ErrorCode::kUnsupported;
    default:
      return status >= 400 && status < 500 && status != 408 && status != 429
                 ? ErrorCode::kInvalidArgument
                 : ErrorCode::kUnavailable;
  }
}

/// What to do about it, for the errors that a person meets.
std::string advice(const Outcome& outcome) {
  const std::string& code = outcome.error.code;
  const int status = outcome.answer.status;
  std::string region = outcome.error.region;
  if (region.empty()) region = outcome.answer.header("x-amz-bucket-region");
  if (code == "NoSuchBucket") return "; make the bucket, or set archive.s3.bucket";
  if (code == "RequestTimeTooSkewed") return "; set this machine's clock, by NTP for instance";
  if (code == "InvalidAccessKeyId" || code == "SignatureDoesNotMatch" || code == "InvalidToken")
    return "; check the access key and its secret";
  if (code == "ExpiredToken") return "; get new credentials";
  if (status == 301 || status == 307 || code == "AuthorizationHeaderMalformed")
    return region.empty() ? "; check archive.s3.region and archive.s3.endpoint"
                          : fmt::format("; set archive.s3.region to {}", region.substr(0, 100));
  if (status == 403)
    return "; the key needs s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload, "
           "s3:ListMultipartUploadParts, s3:ListBucket and s3:ListBucketMultipartUploads";
  if (status == 429 || status >= 500) return "; the server is busy or broken, try again later";
  return {};
}

}  // namespace

Result<S3Client> S3Client::create(S3Options options, http_client::Transport& transport,
                                  CredentialsSource& credentials, const Clock& clock,
                                  RetryPolicy retry) {
  LIVEDATA_TRY(Endpoint endpoint, Endpoint::of(options));
  return S3Client(std::move(options), std::move(endpoint), transport, credentials, clock,
                  std::move(retry));
}

S3Client::S3Client(S3Options options, Endpoint endpoint, http_client::Transport& transport,
                   CredentialsSource& credentials, const Clock& clock, RetryPolicy retry)
    : options_(std::move(options)),
      endpoint_(std::move(endpoint)),
      transport_(&transport),
      credentials_(&credentials),
      clock_(&clock),
      retry_(std::move(retry)) {}

std::string S3Client::name_of(const Operation& operation) const {
  return operation.key.empty() ? fmt::format("s3://{}", options_.bucket)
                               : fmt::format("s3://{}/{}", options_.bucket, operation.key);
}

Result<Outcome> S3Client::try_once(const Operation& operation, std::string_view payload_sha256,
                                   const Deadline& deadline) const {
  LIVEDATA_TRY(const Credentials credentials, credentials_->get(deadline));
  std::string path = endpoint_.base_path;
  if (!operation.key.empty()) path += "/" + uri_escape(operation.key, Slash::kKept);
  if (path.empty()) path = "/";
  http_client::Request request;
  request.method = operation.method;
  request.url = fmt::format("{}://{}{}", endpoint_.scheme, endpoint_.host, path);
  if (!operation.query.empty()) request.url += "?" + query_text(operation.query);
  request.headers = operation.headers;
  const ToSign to_sign{operation.method, endpoint_.host,    path,
                       operation.query,  operation.headers, payload_sha256};
  for (auto& header : sign(to_sign, credentials, options_.region, clock_->now()))
    request.headers.push_back(std::move(header));
  request.body = operation.body;
  request.max_answer_bytes = operation.max_answer_bytes;
  LIVEDATA_TRY(auto answer, transport_->send(request, deadline.until(kAttemptLimit)));
  Outcome outcome{std::move(answer), {}};
  // S3 may find out that it can't complete an upload when it has answered 200.
  const bool may_hold_error = outcome.answer.status >= 300 || operation.method == "POST";
  if (may_hold_error) outcome.error = S3Error::of(outcome.answer.body);
  return outcome;
}

Result<Outcome> S3Client::send(const Operation& operation, const Deadline& deadline) const {
  const std::string payload_sha256 = hex(sha256(operation.body));
  bool is_refreshed = false;
  for (int failed = 1;; ++failed) {
    auto outcome = try_once(operation, payload_sha256, deadline);
    if (outcome && !is_refreshed && are_credentials_stale(*outcome) && credentials_->forget()) {
      is_refreshed = true;
      continue;
    }
    if (outcome && !may_be_better_later(*outcome)) return outcome;
    // Over the attempt's limit, not over the caller's.
    const bool is_late =
        !outcome && outcome.error().code == ErrorCode::kDeadlineExceeded && !deadline.expired();
    if (!outcome && outcome.error().code != ErrorCode::kUnavailable && !is_late)
      return fail(std::move(outcome).error().with_context(name_of(operation)));
    if (failed >= retry_.max_attempts) {
      Error error = outcome ? error_of(operation, *outcome)
                            : std::move(outcome).error().with_context(name_of(operation));
      error.code = ErrorCode::kUnavailable;
      error.message += fmt::format(" (tried {} times)", failed);
      return fail(std::move(error));
    }
    const auto asked = outcome ? retry_after(outcome->answer) : std::chrono::seconds(0);
    LIVEDATA_RETURN_IF_ERROR(retry_.pause(retry_.pause_after(failed, asked), deadline));
  }
}

Result<http_client::Answer> S3Client::ask(const Operation& operation,
                                          const Deadline& deadline) const {
  LIVEDATA_TRY(Outcome outcome, send(operation, deadline));
  if (outcome.is_ok()) return std::move(outcome.answer);
  return fail(error_of(operation, outcome));
}

Error S3Client::error_of(const Operation& operation, const Outcome& outcome) const {
  const int status = outcome.answer.status;
  const S3Error& error = outcome.error;
  std::string said = error.code.empty() ? fmt::format("status {}", status)
                                        : fmt::format("{} ({})", error.code, status);
  if (!error.message.empty()) said += ", " + error.message;
  // What could be asked again can't be missing only because the bucket is.
  const ErrorCode code =
      error.code == "NoSuchBucket" ? ErrorCode::kInvalidArgument : code_of(status);
  return {code,
          fmt::format("{} {}: {}{}", operation.method, name_of(operation), said, advice(outcome))};
}

}  // namespace livedata::archive::s3
