#include <array>
#include <charconv>

#include <re2/re2.h>
#include <yaml-cpp/yaml.h>

#include "base/time_format.h"
#include "collect/files/file_set.h"

namespace livedata::collect {
namespace {

constexpr const char* kSection = "files";
constexpr std::size_t kMaxSets = 1000;
constexpr std::size_t kMinLineBytes = 16;

/// Says where in the file something is wrong.
class Place {
 public:
  explicit Place(std::string_view file_name) : file_name_(file_name) {}
  template <class... Args>
  tl::unexpected<Error> wrong(const YAML::Node& node, fmt::format_string<Args...> format,
                              Args&&... args) const {
    return fail(ErrorCode::kInvalidArgument, "{}:{}:{}: {}: {}", file_name_, node.Mark().line + 1,
                node.Mark().column + 1, kSection, fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  std::string_view file_name_;
};

Result<std::string> scalar(const YAML::Node& node, const Place& place) {
  if (!node.IsScalar()) return place.wrong(node, "a single value is expected");
  return node.Scalar();
}

/// A list of texts, or one text.
Result<std::vector<std::string>> list(const YAML::Node& node, const Place& place) {
  std::vector<std::string> items;
  if (node.IsScalar()) {
    items.push_back(node.Scalar());
  } else if (node.IsSequence()) {
    for (const auto& item : node) {
      LIVEDATA_TRY(std::string text, scalar(item, place));
      items.push_back(std::move(text));
    }
  }
  if (items.empty()) return place.wrong(node, "a list is expected");
  return items;
}

Result<std::uint64_t> size(const YAML::Node& node, const Place& place) {
  LIVEDATA_TRY(const std::string text, scalar(node, place));
  std::uint64_t number = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  const std::string_view unit(end, static_cast<std::size_t>(last - end));
  const unsigned shift = unit == "KiB" ? 10 : unit == "MiB" ? 20 : unit == "GiB" ? 30 : 0;
  if (error != std::errc() || (shift == 0 && !unit.empty()) || number > (std::uint64_t{1} << 33U))
    return place.wrong(node, "'{}' is not a size such as 256KiB or 64MiB", text);
  return number << shift;
}

Result<std::chrono::nanoseconds> duration(const YAML::Node& node, const Place& place) {
  LIVEDATA_TRY(const std::string text, scalar(node, place));
  const auto parsed = parse_duration(text);
  if (!parsed || *parsed < 0)
    return place.wrong(node, "'{}' is not a time such as 500ms or 5s", text);
  return std::chrono::nanoseconds(*parsed);
}

Result<bool> flag(const YAML::Node& node, const Place& place) {
  LIVEDATA_TRY(const std::string text, scalar(node, place));
  if (text != "true" && text != "false")
    return place.wrong(node, "'{}' is not true or false", text);
  return text == "true";
}

Result<void> read_paths(const YAML::Node& node, const Place& place, FileSet& set) {
  LIVEDATA_TRY(const auto texts, list(node, place));
  for (const std::string& text : texts) {
    auto pattern = PathPattern::parse(text);
    if (!pattern) return place.wrong(node, "{}", pattern.error().message);
    set.paths.push_back(*std::move(pattern));
  }
  return {};
}

Result<void> read_excludes(const YAML::Node& node, const Place& place, FileSet& set) {
  LIVEDATA_TRY(const auto texts, list(node, place));
  for (const std::string& text : texts) {
    auto pattern = ExcludePattern::parse(text);
    if (!pattern) return place.wrong(node, "{}", pattern.error().message);
    set.excludes.push_back(*std::move(pattern));
  }
  return {};
}

Result<void> read_labels(const YAML::Node& node, const Place& place, FileSet& set) {
  if (!node.IsMap()) return place.wrong(node, "labels are written as name: value");
  for (const auto& entry : node) {
    const std::string name = entry.first.Scalar();
    if (!is_label_name(name))
      return place.wrong(entry.first, "label name '{}' is not [a-zA-Z_][a-zA-Z0-9_]*", name);
    if (name == "filename" || name == "host" || name == "service_name")
      return place.wrong(entry.first, "the label '{}' is set by livedata", name);
    LIVEDATA_TRY(std::string value, scalar(entry.second, place));
    set.labels.push_back({name, std::move(value)});
  }
  return {};
}

Result<void> read_service(const YAML::Node& node, const Place& place, FileSet& set) {
  LIVEDATA_TRY(set.service, scalar(node, place));
  return {};
}

Result<void> read_encoding(const YAML::Node& node, const Place& place, FileSet& set) {
  LIVEDATA_TRY(const std::string text, scalar(node, place));
  const auto encoding = parse_text_encoding(text);
  if (!encoding) {
    return place.wrong(node, "'{}' is not utf-8, utf-16le, utf-16be, latin-1 or auto", text);
  }
  set.encoding = *encoding;
  return {};
}

Result<void> read_start(const YAML::Node& node, const Place& place, FileSet& set) {
  LIVEDATA_TRY(const std::string text, scalar(node, place));
  if (text == "beginning") {
    set.backlog_bytes = UINT64_MAX;
  } else if (text == "end") {
    set.backlog_bytes = 0;
  } else {
    auto bytes = size(node, place);
    if (!bytes) return place.wrong(node, "'{}' is not beginning, end or a size such as 1MiB", text);
    set.backlog_bytes = *bytes;
  }
  return {};
}

Result<void> read_max_line(const YAML::Node& node, const Place& place, FileSet& set) {
  LIVEDATA_TRY(const std::uint64_t bytes, size(node, place));
  if (bytes < kMinLineBytes)
    return place.wrong(node, "a line may have {} bytes at least", kMinLineBytes);
  set.max_line_bytes = bytes;
  return {};
}

Result<void> read_partial_timeout(const YAML::Node& node, const Place& place, FileSet& set) {
  LIVEDATA_TRY(const std::string text, scalar(node, place));
  if (text == "never") return {};
  LIVEDATA_TRY(set.partial_line_timeout, duration(node, place));
  return {};
}

Result<void> read_modification_time(const YAML::Node& node, const Place& place, FileSet& set) {
  LIVEDATA_TRY(set.modification_time, flag(node, place));
  return {};
}

Result<void> read_first_line(const YAML::Node& node, const Place& place, FileSet& set) {
  LIVEDATA_TRY(const std::string text, scalar(node, place));
  auto regex = std::make_shared<re2::RE2>(text, re2::RE2::Quiet);
  if (!regex->ok()) return place.wrong(node, "the regex '{}' is wrong: {}", text, regex->error());
  set.multiline.first_line = std::move(regex);
  return {};
}

Result<void> read_indentation(const YAML::Node& node, const Place& place, FileSet& set) {
  LIVEDATA_TRY(set.multiline.by_indentation, flag(node, place));
  return {};
}

Result<void> read_max_lines(const YAML::Node& node, const Place& place, FileSet& set) {
  LIVEDATA_TRY(set.multiline.max_lines, size(node, place));
  if (set.multiline.max_lines == 0) return place.wrong(node, "a record has one line at least");
  return {};
}

Result<void> read_max_bytes(const YAML::Node& node, const Place& place, FileSet& set) {
  LIVEDATA_TRY(set.multiline.max_bytes, size(node, place));
  return {};
}

Result<void> read_timeout(const YAML::Node& node, const Place& place, FileSet& set) {
  LIVEDATA_TRY(set.multiline.timeout, duration(node, place));
  return {};
}

struct Option {
  std::string_view name;
  Result<void> (*read)(const YAML::Node&, const Place&, FileSet&);
};

/// Reads the members of a map.
template <std::size_t N>
Result<void> read_options(const YAML::Node& node, const Place& place,
                          const std::array<Option, N>& options, FileSet& set) {
  for (const auto& entry : node) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
    const auto* const option = std::find_if(options.begin(), options.end(),
                                            [&](const Option& o) { return o.name == name; });
    if (option == options.end()) {
      std::string known;
      for (const Option& o : options)
        known += fmt::format("{}{}", known.empty() ? "" : ", ", o.name);
      return place.wrong(entry.first, "there is no '{}'; known are {}", name, known);
    }
    LIVEDATA_RETURN_IF_ERROR(option->read(entry.second, place, set));
  }
  return {};
}

Result<void> read_multiline(const YAML::Node& node, const Place& place, FileSet& set) {
  constexpr std::array kOptions = {
      Option{"first_line", read_first_line}, Option{"indentation", read_indentation},
      Option{"max_lines", read_max_lines},   Option{"max_bytes", read_max_bytes},
      Option{"timeout", read_timeout},
  };
  if (!node.IsMap()) return place.wrong(node, "a map such as first_line: '^\\d{{4}}-' is expected");
  LIVEDATA_RETURN_IF_ERROR(read_options(node, place, kOptions, set));
  if ((set.multiline.first_line != nullptr) == set.multiline.by_indentation)
    return place.wrong(node, "one of first_line and indentation is needed");
  return {};
}

Result<FileSet> read_set(const YAML::Node& node, const Place& place) {
  constexpr std::array kOptions = {
      Option{"paths", read_paths},
      Option{"exclude", read_excludes},
      Option{"labels", read_labels},
      Option{"service", read_service},
      Option{"multiline", read_multiline},
      Option{"encoding", read_encoding},
      Option{"start", read_start},
      Option{"max_line_bytes", read_max_line},
      Option{"partial_line_timeout", read_partial_timeout},
      Option{"modification_time", read_modification_time},
  };
  FileSet set;
  if (!node.IsMap()) return place.wrong(node, "a map with 'paths' is expected");
  LIVEDATA_RETURN_IF_ERROR(read_options(node, place, kOptions, set));
  if (set.paths.empty()) return place.wrong(node, "'paths' is missing");
  return set;
}

Result<std::vector<FileSet>> read_sets(const YAML::Node& section, const Place& place) {
  std::vector<FileSet> sets;
  if (section.IsNull()) return sets;
  if (!section.IsSequence() || section.size() > kMaxSets)
    return place.wrong(section, "a list of up to {} entries is expected", kMaxSets);
  for (const auto& node : section) {
    LIVEDATA_TRY(FileSet set, read_set(node, place));
    sets.push_back(std::move(set));
  }
  return sets;
}

}  // namespace

Result<std::vector<FileSet>> compile_files(std::string_view yaml_text, std::string_view file_name) {
  // yaml-cpp reports mistakes by exceptions; they end here.
  try {
    const YAML::Node root = YAML::Load(std::string(yaml_text));
    if (!root.IsMap() || !root[kSection].IsDefined()) return std::vector<FileSet>();
    return read_sets(root[kSection], Place(file_name));
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::kInvalidArgument, "{}:{}:{}: {}", file_name, error.mark.line + 1,
                error.mark.column + 1, error.msg);
  }
}

}  // namespace livedata::collect
