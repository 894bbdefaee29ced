#include "collect/files/compile_files.h"

#include <fmt/core.h>

#include "ingest/pipeline/settings/options.h"

namespace livedata::collect {
namespace {

using ingest::pipeline::Node;
using ingest::pipeline::Options;
using ingest::pipeline::Scope;

constexpr std::string_view kSection = "files";
constexpr std::size_t kMaxSets = 1000;
constexpr std::size_t kMinLineBytes = 16;
constexpr std::size_t kMaxLineBytes = 1U << 30U;
constexpr std::size_t kMaxBacklogBytes = std::size_t{1} << 50U;

/// Compiles each text of a list by T::parse().
template <class T>
std::vector<T> read_patterns(Options& options, std::string_view name) {
  std::vector<T> patterns;
  for (const std::string& text : options.list(name)) {
    auto pattern = T::parse(text);
    if (pattern) {
      patterns.push_back(*std::move(pattern));
    } else {
      options.mistake(name, pattern.error().message);
    }
  }
  return patterns;
}

std::vector<Label> read_labels(Options& options) {
  std::vector<Label> labels;
  for (auto& [name, value] : options.pairs("labels")) {
    if (!is_label_name(name)) {
      options.mistake("labels", fmt::format("label name '{}' is not [a-zA-Z_][a-zA-Z0-9_]*", name));
    }
    if (name == "filename" || name == "host" || name == "service_name")
      options.mistake("labels", fmt::format("the label '{}' is set by livedata", name));
    labels.push_back({std::move(name), std::move(value)});
  }
  return labels;
}

TextEncoding read_encoding(Options& options) {
  const std::string name = options.text("encoding", "auto");
  const auto encoding = parse_text_encoding(name);
  if (!encoding) {
    options.mistake("encoding",
                    fmt::format("'{}' is not utf-8, utf-16le, utf-16be, latin-1 or auto", name));
  }
  return encoding.value_or(TextEncoding::kAuto);
}

std::uint64_t read_start(Options& options, std::uint64_t otherwise) {
  if (!options.has("start")) return otherwise;
  const std::string text = options.text("start");
  if (text == "beginning") return UINT64_MAX;
  if (text == "end") return 0;
  if (text.empty() || text[0] < '0' || text[0] > '9') {
    options.mistake("start",
                    fmt::format("'{}' is not beginning, end or a size such as 1MiB", text));
    return otherwise;
  }
  return options.bytes("start", 0, 0, kMaxBacklogBytes);
}

Result<FileSet> read_set(const Node& node, const Scope& scope) {
  if (node.kind != Node::Kind::kMap) return scope.wrong(node, "a map with 'paths' is expected");
  Options options(node, scope);
  FileSet set;
  set.paths = read_patterns<PathPattern>(options, "paths");
  options.require("paths", "'paths: [/var/log/app/*.log]'");
  set.excludes = read_patterns<ExcludePattern>(options, "exclude");
  set.labels = read_labels(options);
  set.service = options.text("service");
  set.encoding = read_encoding(options);
  set.backlog_bytes = read_start(options, set.backlog_bytes);
  set.max_line_bytes =
      options.bytes("max_line_bytes", set.max_line_bytes, kMinLineBytes, kMaxLineBytes);
  if (options.has("partial_line_timeout") && options.text("partial_line_timeout") != "never")
    set.partial_line_timeout = options.duration("partial_line_timeout", {});
  set.modification_time = options.flag("modification_time", false);
  LIVEDATA_RETURN_IF_ERROR(options.finish());
  return set;
}

}  // namespace

Result<std::vector<FileSet>> compile_files(std::string_view yaml_text, std::string_view file_name) {
  LIVEDATA_TRY(const Node section, ingest::pipeline::read_section(yaml_text, file_name, kSection));
  std::vector<FileSet> sets;
  if (section.kind == Node::Kind::kNull) return sets;
  const Scope scope{std::string(file_name), std::string(kSection)};
  if (section.kind != Node::Kind::kList || section.items.size() > kMaxSets) {
    return scope.wrong(section, fmt::format("a list of up to {} entries is expected", kMaxSets));
  }
  for (const Node& node : section.items) {
    LIVEDATA_TRY(FileSet set, read_set(node, scope));
    sets.push_back(std::move(set));
  }
  return sets;
}

}  // namespace livedata::collect
