#include "cli/configuration.h"

#include <cstdlib>
#include <optional>

namespace livedata::cli {
namespace {

std::optional<std::string> environment(const std::string& name) {
  const char* value =
      std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): before there are threads
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

Result<Config> load_configuration(const std::string& config_file,
                                  const std::map<std::string, std::string>& flags) {
  PosixFileSystem files;
  const auto file = config_file.empty() ? std::nullopt : std::optional<Path>(config_file);
  return load_config(files, file, environment, flags);
}

}  // namespace livedata::cli
