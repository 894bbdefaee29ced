#pragma once

#include <string>
#include <string_view>

#include "archive/s3/s3_options.h"
#include "base/result.h"

namespace livedata::archive::s3 {

/// How a bucket is addressed.
struct Endpoint {
  std::string scheme;     ///< "http" or "https"
  std::string host;       ///< with the bucket in front (virtual host) and the port, as Host says it
  std::string base_path;  ///< "" or "/bucket"

  /// kInvalidArgument for an address that is none of a server alone, and for a bucket's name that
  /// does not fit in an address.
  static Result<Endpoint> of(const S3Options& options);
};

}  // namespace livedata::archive::s3
