#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "archive/s3/credentials.h"
#include "archive/s3/endpoint.h"
#include "archive/s3/retry.h"
#include "archive/s3/s3_answers.h"
#include "archive/s3/s3_options.h"
#include "archive/s3/signature.h"
#include "http_client/http_client.h"

namespace livedata::archive::s3 {

/// One operation of S3's API on the bucket or on one object.
struct Operation {
  std::string_view method;
  std::string key = {};  ///< with the prefix; "": the bucket
  Query query = {};
  std::vector<http_client::Header> headers = {};
  std::string_view body = {};
  std::size_t max_answer_bytes = std::size_t{8} << 20U;
};

/// What the server said last, after all attempts.
struct Outcome {
  http_client::Answer answer;
  S3Error error;  ///< of an answer that is not 2xx, or that is but holds an error
  [[nodiscard]] bool is_ok() const {
    return answer.status >= 200 && answer.status < 300 && error.code.empty();
  }
};

/// Signs operations, sends them, and tries again what may succeed then: broken connections,
/// timeouts, 408, 429, 5xx and S3's codes for the same, for as often as the policy says and the
/// deadline lets; and once with new credentials where those were refused. Thread-safe.
class S3Client {
 public:
  /// All but the options outlive it.
  static Result<S3Client> create(S3Options options, http_client::Transport& transport,
                                 CredentialsSource& credentials, const Clock& clock,
                                 RetryPolicy retry);

  /// The outcome whatever its status; an error where there is none, or only such that may be
  /// better another time (kUnavailable).
  Result<Outcome> send(const Operation& operation, const Deadline& deadline) const;
  /// The answer of an operation that must succeed.
  Result<http_client::Answer> ask(const Operation& operation, const Deadline& deadline) const;
  /// An outcome that is not ok as an error: bucket, key, S3's code, and what to do.
  [[nodiscard]] Error error_of(const Operation& operation, const Outcome& outcome) const;

  [[nodiscard]] const S3Options& options() const { return options_; }

 private:
  S3Client(S3Options options, Endpoint endpoint, http_client::Transport& transport,
           CredentialsSource& credentials, const Clock& clock, RetryPolicy retry);

  Result<Outcome> try_once(const Operation& operation, std::string_view payload_sha256,
                           const Deadline& deadline) const;
  [[nodiscard]] std::string name_of(const Operation& operation) const;

  S3Options options_;
  Endpoint endpoint_;
  http_client::Transport* transport_;
  CredentialsSource* credentials_;
  const Clock* clock_;
  RetryPolicy retry_;
};

}  // namespace livedata::archive::s3
