#pragma once

#include <map>
#include <optional>
#include <string>

#include "archive/s3/signature.h"
#include "base/deadline.h"
#include "http_client/http_client.h"

namespace livedata::archive::s3 {

/// Credentials for a time, as a machine's or container's own service gives them.
struct LentCredentials {
  Credentials credentials;
  TimestampNs expires_at = 0;
};

/// Of AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI (ECS, EKS); nothing where neither is set.
/// An http address must be one that ends in this machine.
Result<std::optional<LentCredentials>> ask_container(
    http_client::Transport& transport, const std::map<std::string, std::string>& environment,
    const Deadline& deadline);

/// Of the role of the instance, by version 2 of the metadata service (a token first), at
/// 169.254.169.254 or AWS_EC2_METADATA_SERVICE_ENDPOINT; nothing where AWS_EC2_METADATA_DISABLED is
/// true. kNotFound: the instance has no role.
Result<std::optional<LentCredentials>> ask_instance(
    http_client::Transport& transport, const std::map<std::string, std::string>& environment,
    const Deadline& deadline);

}  // namespace livedata::archive::s3
