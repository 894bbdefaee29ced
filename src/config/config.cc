#include "config/config.h"

#include <algorithm>

#include <yaml-cpp/yaml.h>

#include "base/nearest_name.h"

namespace livedata {
namespace {

// Not settings: whoever runs what they describe compiles them, from the file's text.
constexpr std::array<std::string_view, 5> kSections = {"collectors", "files", "identities",
                                                       "pipelines", "tenants"};

Result<void> apply(Config& config, std::string_view key, std::string_view value,
                   std::string_view where) {
  const auto& all = settings();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Setting& s) { return s.key == key; });
  if (found == all.end()) {
    std::vector<std::string_view> keys;
    keys.reserve(all.size());
    for (const Setting& setting : all) keys.push_back(setting.key);
    return fail(ErrorCode::kInvalidArgument, "{}: there is no setting '{}'; did you mean '{}'?",
                where, key, nearest_name(key, keys));
  }
  if (auto applied = found->apply(config, value); !applied) {
    return fail(std::move(applied).error().with_context(fmt::format("{}: {}", where, key)));
  }
  return {};
}

Result<void> apply_yaml(Config& config, const YAML::Node& node, const std::string& prefix,
                        const std::string& file) {
  for (const auto& entry : node) {
    const std::string key = prefix + entry.first.as<std::string>();
    if (std::find(kSections.begin(), kSections.end(), key) != kSections.end()) continue;
    if (entry.second.IsMap()) {
      LIVEDATA_RETURN_IF_ERROR(apply_yaml(config, entry.second, key + ".", file));
    } else if (entry.second.IsScalar()) {
      const std::string where = fmt::format("{}:{}", file, entry.first.Mark().line + 1);
      LIVEDATA_RETURN_IF_ERROR(apply(config, key, entry.second.Scalar(), where));
    } else if (entry.second.IsSequence()) {
      std::string lines;
      for (const auto& item : entry.second) lines += item.as<std::string>() + "\n";
      const std::string where = fmt::format("{}:{}", file, entry.first.Mark().line + 1);
      LIVEDATA_RETURN_IF_ERROR(apply(config, key, lines, where));
    } else {
      return fail(ErrorCode::kInvalidArgument, "{}:{}: '{}' must have a value", file,
                  entry.first.Mark().line + 1, key);
    }
  }
  return {};
}

Result<void> apply_file(Config& config, FileSystem& files, const Path& path) {
  LIVEDATA_TRY(config.file_text, files.read_all(path));
  config.file_name = path.string();
  // yaml-cpp reports mistakes by exceptions; they end here.
  try {
    const YAML::Node root = YAML::Load(config.file_text);
    if (root.IsNull()) return {};
    if (!root.IsMap())
      return fail(ErrorCode::kInvalidArgument, "{}: the file must hold sections with keys",
                  path.string());
    return apply_yaml(config, root, "", path.string());
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::kInvalidArgument, "{}:{}: {}", path.string(), error.mark.line + 1,
                error.msg);
  }
}

}  // namespace

std::string Setting::environment_name() const {
  std::string name = "LIVEDATA_";
  for (const char c : key)
    name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

Result<Config> load_config(FileSystem& files, const std::optional<Path>& file,
                           const Environment& environment,
                           const std::map<std::string, std::string>& overrides) {
  Config config;
  for (const Setting& setting : settings())
    LIVEDATA_RETURN_IF_ERROR(apply(config, setting.key, setting.default_value, "default"));
  if (file) LIVEDATA_RETURN_IF_ERROR(apply_file(config, files, *file));
  for (const Setting& setting : settings()) {
    if (const auto value = environment(setting.environment_name())) {
      LIVEDATA_RETURN_IF_ERROR(apply(config, setting.key, *value, setting.environment_name()));
    }
  }
  for (const auto& [key, value] : overrides)
    LIVEDATA_RETURN_IF_ERROR(apply(config, key, value, "command line"));
  return config;
}

}  // namespace livedata
