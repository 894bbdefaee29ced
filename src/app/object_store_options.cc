#include "app/object_store_options.h"

#include <unistd.h>

#include <string_view>

namespace livedata {
namespace {

Result<archive::s3::Addressing> addressing_of(std::string_view path_style) {
  using archive::s3::Addressing;
  if (path_style == "auto") return Addressing::kAuto;
  if (path_style == "true") return Addressing::kPath;
  if (path_style == "false") return Addressing::kVirtualHost;
  return fail(ErrorCode::kInvalidArgument,
              "archive.s3.path_style is '{}'; it must be auto, true or false", path_style);
}

}  // namespace

Result<archive::ObjectStoreOptions> object_store_options(
    const Config& config, const Path& data_folder,
    const std::map<std::string, std::string>& environment) {
  archive::ObjectStoreOptions options;
  archive::s3::S3Options& s3 = options.s3;
  s3.endpoint = config.archive_s3_endpoint;
  s3.region = config.archive_s3_region;
  s3.bucket = config.archive_s3_bucket;
  s3.prefix = config.archive_s3_prefix;
  LIVEDATA_TRY(s3.addressing, addressing_of(config.archive_s3_path_style));
  s3.part_bytes = config.archive_s3_part_bytes;
  s3.ca_file = config.archive_s3_ca_file;
  s3.credentials.access_key_id = config.archive_s3_access_key_id;
  s3.credentials.secret_access_key = config.archive_s3_secret_access_key;
  s3.credentials.profile = config.archive_s3_profile;
  s3.credentials.credentials_file = config.archive_s3_credentials_file;
  s3.credentials.environment = environment;
  if (s3.credentials.access_key_id.empty() != s3.credentials.secret_access_key.empty())
    return fail(ErrorCode::kInvalidArgument,
                "archive.s3.access_key_id and archive.s3.secret_access_key go together");
  options.cache_folder = config.archive_s3_cache_folder.empty()
                             ? data_folder / "cache" / "s3"
                             : Path(config.archive_s3_cache_folder);
  options.cache_bytes = config.archive_s3_cache_bytes;
  return options;
}

std::map<std::string, std::string> credentials_environment() {
  std::map<std::string, std::string> found;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    if (equals != std::string_view::npos && (name == "HOME" || name.starts_with("AWS_")))
      found.emplace(name, text.substr(equals + 1));
  }
  return found;
}

}  // namespace livedata
