#include "archive/s3/endpoint.h"

#include <algorithm>

namespace livedata::archive::s3 {
namespace {

bool is_all(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
}

Result<void> check_bucket(const S3Options& options) {
  const std::string& bucket = options.bucket;
  // A bucket that has a dot makes a name that no certificate of *.host has.
  const std::string_view others = options.addressing == Addressing::kPath ? "._-" : "-.";
  if (bucket.size() >= 3 && bucket.size() <= 255 && is_all(bucket, others) &&
      bucket.front() != '.' && bucket.find("..") == std::string::npos)
    return {};
  return fail(
      ErrorCode::kInvalidArgument,
      "'{}' is no name of a bucket; set archive.s3.bucket to one of 3 to 63 letters, digits "
      "and hyphens",
      bucket);
}

}  // namespace

Result<Endpoint> Endpoint::of(const S3Options& options) {
  LIVEDATA_RETURN_IF_ERROR(check_bucket(options));
  if (options.region.empty() || !is_all(options.region, "-_"))
    return fail(ErrorCode::kInvalidArgument, "'{}' is no name of a region; see archive.s3.region",
                options.region);
  const std::string url = options.endpoint.empty()
                              ? fmt::format("https://s3.{}.amazonaws.com", options.region)
                              : options.endpoint;
  Endpoint endpoint;
  const std::size_t colon = url.find("://");
  endpoint.scheme = url.substr(0, colon);
  std::string_view host = url;
  host.remove_prefix(std::min(colon == std::string::npos ? url.size() : colon + 3, url.size()));
  while (host.ends_with('/')) host.remove_suffix(1);
  const bool is_secure = endpoint.scheme == "https";
  if ((!is_secure && endpoint.scheme != "http") || host.empty() || !is_all(host, ".-_:[]"))
    return fail(ErrorCode::kInvalidArgument,
                "'{}' is no address of a server, such as https://s3.example.org:9000; see "
                "archive.s3.endpoint",
                url.substr(0, 200));
  // What is left out of the Host header is not signed.
  const std::string_view usual_port = is_secure ? ":443" : ":80";
  if (host.ends_with(usual_port)) host.remove_suffix(usual_port.size());
  endpoint.host = host;
  std::transform(endpoint.host.begin(), endpoint.host.end(), endpoint.host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (options.addressing == Addressing::kPath) {
    endpoint.base_path = "/" + options.bucket;
  } else {
    endpoint.host = fmt::format("{}.{}", options.bucket, endpoint.host);
  }
  return endpoint;
}

}  // namespace livedata::archive::s3
