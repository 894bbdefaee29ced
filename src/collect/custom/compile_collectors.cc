#include "collect/custom/compile_collectors.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "ingest/pipeline/settings/options.h"
#include "model/metric_sources.h"

namespace livedata::collect::custom {
namespace {

using ingest::pipeline::Node;
using ingest::pipeline::Options;
using ingest::pipeline::Scope;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::string_view kSection = "collectors";
constexpr std::size_t kMaxCollectors = 200;
constexpr std::size_t kMaxNameBytes = 64;
constexpr nanoseconds kShortest = seconds(1);
constexpr nanoseconds kLongest = std::chrono::hours(24);
constexpr std::size_t kMaxOutputBytes = std::size_t{64} << 20U;
constexpr std::size_t kMaxSeries = 100'000;
constexpr std::size_t kMaxLabelBytes = 1024;
constexpr std::size_t kMaxLabels = 256;
constexpr std::size_t kMaxOwnLabels = 10;

void read_name(Options& options, CollectorSpec& spec) {
  options.require("name", "'name: queue'");
  spec.name = options.name("name");
  if (spec.name.size() > kMaxNameBytes)
    options.mistake("name", fmt::format("a name has at most {} bytes", kMaxNameBytes));
  if (is_own_metric_source(spec.name))
    options.mistake("name", fmt::format("'{}' is the name of records that livedata makes itself; "
                                        "choose another one",
                                        spec.name));
}

void read_command(Options& options, CollectorSpec& spec) {
  const bool uses_shell = options.flag("shell", false);
  const Node* const node = options.node("command");
  if (node == nullptr) {
    for (const std::string_view option : {"shell", "environment", "folder"}) {
      if (options.has(option))
        options.mistake(option, fmt::format("'{}' is for a 'command', and there is none", option));
    }
    return;
  }
  spec.command = options.list("command");
  const bool is_text = node->kind == Node::Kind::kScalar;
  if (spec.command.empty() || spec.command.front().empty()) {
    options.mistake("command", "the command is empty");
  } else if (uses_shell && !is_text) {
    options.mistake("command", "with 'shell: true' the command is one text");
  } else if (uses_shell) {
    spec.command = {"/bin/sh", "-c", spec.command.front()};
  } else if (is_text && spec.command.front().find_first_of(" \t|&;<>$`\"'*") != std::string::npos) {
    options.mistake("command",
                    "a command with arguments is a list, such as [/usr/bin/sensors, -j]; with "
                    "'shell: true' the shell runs the text");
  }
  spec.folder = options.text("folder", spec.folder);
  if (!spec.folder.starts_with('/'))
    options.mistake("folder", fmt::format("'{}' is not an absolute path", spec.folder));
  spec.environment = options.pairs("environment");
  for (const auto& [name, value] : spec.environment) {
    if (!is_label_name(name))
      options.mistake("environment", fmt::format("'{}' is no name of a variable", name));
  }
}

void read_scrape(Options& options, CollectorSpec& spec) {
  if (!options.has("scrape")) {
    if (options.has("headers"))
      options.mistake("headers", "'headers' are for 'scrape', and there is none");
    if (options.has("ca_file"))
      options.mistake("ca_file", "'ca_file' is for 'scrape', and there is none");
    return;
  }
  auto url = parse_http_url(options.text("scrape"));
  if (url) {
    spec.url = *std::move(url);
  } else {
    options.mistake("scrape", url.error().message);
  }
  spec.ca_file = options.text("ca_file", "");
  if (options.has("ca_file") && (!spec.url.is_secure || !spec.ca_file.starts_with('/')))
    options.mistake("ca_file", "'ca_file' is an absolute path, for an address of https");
  spec.headers = options.pairs("headers");
  for (const auto& [name, value] : spec.headers) {
    const auto is_plain = [](std::string_view text) {
      return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c != '\x7f'; });
    };
    // Not the value itself: it may be a secret.
    if (name.empty() || name.find_first_of(" :") != std::string::npos || !is_plain(name) ||
        !is_plain(value))
      options.mistake("headers", "a header is a name without blanks and colons, and one line");
  }
}

void read_times(Options& options, CollectorSpec& spec) {
  spec.interval = options.duration("interval", spec.interval);
  if (spec.interval < kShortest || spec.interval > kLongest)
    options.mistake("interval", "the interval must be from 1s to 24h");
  spec.timeout = options.duration("timeout", std::min(spec.timeout, spec.interval));
  if (spec.timeout <= nanoseconds(0) || spec.timeout > spec.interval)
    options.mistake("timeout", "the timeout must be more than 0 and not longer than the interval");
}

void read_labels(Options& options, CollectorSpec& spec) {
  for (auto& [name, value] : options.pairs("labels")) {
    if (!is_label_name(name))
      options.mistake("labels", fmt::format("label name '{}' is not [a-zA-Z_][a-zA-Z0-9_]*", name));
    if (name == "source" || name == "host")
      options.mistake("labels", fmt::format("the label '{}' is set by livedata", name));
    spec.labels.push_back({std::move(name), std::move(value)});
  }
  if (spec.labels.size() > kMaxOwnLabels)
    options.mistake("labels", fmt::format("there may be {} labels at most", kMaxOwnLabels));
  if (options.has("stream_labels")) spec.stream_labels = options.names("stream_labels");
}

OutputFormat read_format(Options& options) {
  const std::string word =
      options.word("format", {"auto", "prometheus", "json", "logfmt", "nagios"});
  if (options.has("scrape") && word != "auto" && word != "prometheus")
    options.mistake("format", "what 'scrape' asks answers in Prometheus text or OpenMetrics");
  if (word == "prometheus" || options.has("scrape")) return OutputFormat::kPrometheus;
  if (word == "json") return OutputFormat::kJson;
  if (word == "logfmt") return OutputFormat::kLogfmt;
  return word == "nagios" ? OutputFormat::kNagios : OutputFormat::kAuto;
}

Result<CollectorSpec> read_collector(const Node& node, const Scope& scope) {
  if (node.kind != Node::Kind::kMap)
    return scope.wrong(node, "a map with 'name' and 'command' or 'scrape' is expected");
  Options options(node, scope);
  CollectorSpec spec;
  read_name(options, spec);
  if (options.has("command") == options.has("scrape"))
    options.mistake_at(node,
                       "either 'command: [/path/of/a/program]' or 'scrape: "
                       "http://127.0.0.1:9100/metrics' is expected");
  read_command(options, spec);
  read_scrape(options, spec);
  read_times(options, spec);
  spec.format = read_format(options);
  read_labels(options, spec);
  spec.max_output_bytes =
      options.bytes("max_output_bytes", spec.max_output_bytes, 1, kMaxOutputBytes);
  spec.limits.max_series = options.count("max_series", spec.limits.max_series, 1, kMaxSeries);
  spec.limits.max_label_bytes =
      options.bytes("max_label_bytes", spec.limits.max_label_bytes, 1, kMaxLabelBytes);
  spec.limits.max_labels = options.count("max_labels", spec.limits.max_labels, 1, kMaxLabels);
  spec.expose = options.flag("expose", true);
  LIVEDATA_RETURN_IF_ERROR(options.finish());
  return spec;
}

}  // namespace

Result<std::vector<CollectorSpec>> compile_collectors(std::string_view yaml_text,
                                                      std::string_view file_name) {
  LIVEDATA_TRY(const Node section, ingest::pipeline::read_section(yaml_text, file_name, kSection));
  std::vector<CollectorSpec> specs;
  if (section.kind == Node::Kind::kNull) return specs;
  const Scope scope{std::string(file_name), std::string(kSection)};
  if (section.kind != Node::Kind::kList || section.items.size() > kMaxCollectors)
    return scope.wrong(section,
                       fmt::format("a list of up to {} entries is expected", kMaxCollectors));
  for (const Node& node : section.items) {
    LIVEDATA_TRY(CollectorSpec spec, read_collector(node, scope));
    const bool is_known = std::any_of(specs.begin(), specs.end(), [&](const CollectorSpec& other) {
      return other.name == spec.name;
    });
    if (is_known) return scope.wrong(node, fmt::format("there are two collectors '{}'", spec.name));
    specs.push_back(std::move(spec));
  }
  return specs;
}

}  // namespace livedata::collect::custom
