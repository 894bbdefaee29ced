#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace livedata::archive::s3 {

/// Where credentials come from. The first that has some: these options; the profile, if one is
/// named here; AWS_ACCESS_KEY_ID and its companions; the credentials file; the container's
/// credentials service; the instance's metadata service.
struct CredentialsOptions {
  std::string access_key_id = {};
  std::string secret_access_key = {};
  std::string session_token = {};
  std::string profile = {};           ///< "": AWS_PROFILE, or "default"
  std::string credentials_file = {};  ///< "": AWS_SHARED_CREDENTIALS_FILE, or ~/.aws/credentials
  std::map<std::string, std::string> environment = {};  ///< of the process, as far as it is read
};

enum class Addressing {
  kPath,         ///< https://endpoint/bucket/key
  kVirtualHost,  ///< https://bucket.endpoint/key
};

struct S3Options {
  std::string endpoint = {};  ///< scheme, host and port; "": AWS's of the region
  std::string region = "us-east-1";
  std::string bucket = {};
  std::string prefix = {};  ///< of all keys, without a slash at the end; "": none
  Addressing addressing = Addressing::kPath;
  std::size_t part_bytes = std::size_t{16} << 20U;  ///< 5 MiB to 1 GiB; one is held in memory
  std::string ca_file = {};
  CredentialsOptions credentials = {};
};

}  // namespace livedata::archive::s3
