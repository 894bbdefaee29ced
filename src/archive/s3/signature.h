#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "http_client/http_client.h"

namespace livedata::archive::s3 {

/// What signs requests. Never in a log, nor in an error.
struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  ///< "" for those that last
};

/// Names and values as they are, in any order.
using Query = std::vector<std::pair<std::string, std::string>>;

/// A request before it is signed.
struct ToSign {
  std::string_view method;
  std::string_view host;  ///< as the Host header will say it
  std::string_view path;  ///< escaped by uri_escape()
  const Query& query;
  const std::vector<http_client::Header>& headers;
  std::string_view payload_sha256;  ///< hexadecimal
};

/// AWS Signature Version 4 for S3: the headers to add to those of the request, x-amz-date,
/// x-amz-content-sha256, x-amz-security-token where there is one, and Authorization. All headers
/// are signed.
/// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
std::vector<http_client::Header> sign(const ToSign& request, const Credentials& credentials,
                                      std::string_view region, TimestampNs now);

/// All but A-Z a-z 0-9 - . _ ~ as %XX, and the slash too unless it is kept.
enum class Slash { kKept, kEscaped };
std::string uri_escape(std::string_view text, Slash slash);
/// Sorted and escaped, "a=1&b="; as it is signed and as it is sent.
std::string query_text(const Query& query);

}  // namespace livedata::archive::s3
