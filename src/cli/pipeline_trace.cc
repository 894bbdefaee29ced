#include "cli/pipeline_trace.h"

#include <algorithm>

#include "base/time_format.h"
#include "server/json/json_writer.h"

namespace livedata::cli {
namespace {

using ingest::pipeline::StageOutcome;
using Values = std::map<std::string, std::string>;

constexpr std::size_t kShownBytes = 300;

std::string json_of(std::string_view text) { return server::JsonWriter().string(text).take(); }

std::string json_value(const FieldValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return json_of(*text);
  return to_string(value);
}

/// Texts of any length on one line.
std::string shown(std::string_view text) {
  std::string out = json_of(text.substr(0, kShownBytes));
  if (text.size() > kShownBytes) out += fmt::format("... ({} bytes)", text.size());
  return out;
}

void describe_changes(std::string_view kind, const Values& before, const Values& after,
                      std::vector<std::string>& out) {
  for (const auto& [name, value] : after) {
    const auto old = before.find(name);
    if (old == before.end()) {
      out.push_back(fmt::format("+ {}{} = {}", kind, name, value));
    } else if (old->second != value) {
      out.push_back(fmt::format("~ {}{} = {} -> {}", kind, name, old->second, value));
    }
  }
  for (const auto& [name, value] : before) {
    if (!after.contains(name)) out.push_back(fmt::format("- {}{}", kind, name));
  }
}

std::vector<std::string> changes(const RecordState& before, const StageTrace& stage) {
  std::vector<std::string> out;
  if (stage.outcome.kind != StageOutcome::Kind::kDone) {
    out.push_back(fmt::format(
        "{}: {}", stage.outcome.kind == StageOutcome::Kind::kDropped ? "dropped" : "failed",
        stage.outcome.reason));
  }
  if (stage.after.timestamp != before.timestamp) {
    out.push_back(fmt::format("~ time = {} -> {}", format_rfc3339(before.timestamp),
                              format_rfc3339(stage.after.timestamp)));
  }
  if (stage.after.line != before.line) out.push_back("~ line = " + shown(stage.after.line));
  describe_changes("label ", before.labels, stage.after.labels, out);
  describe_changes("", before.fields, stage.after.fields, out);
  if (out.empty()) out.emplace_back("nothing");
  return out;
}

void write_values(std::string_view key, const Values& values, server::JsonWriter& json) {
  json.key(key).begin_object();
  for (const auto& [name, value] : values) json.key(name).raw(value);
  json.end_object();
}

void write_state(const RecordState& state, server::JsonWriter& json) {
  json.begin_object().key("timestamp").string(format_rfc3339(state.timestamp));
  json.key("line").string(state.line);
  write_values("labels", state.labels, json);
  write_values("fields", state.fields, json);
  json.end_object();
}

/// Members that are there only where something changed.
void write_changes(std::string_view kind, const Values& before, const Values& after,
                   server::JsonWriter& json) {
  Values set;
  for (const auto& [name, value] : after) {
    const auto old = before.find(name);
    if (old == before.end() || old->second != value) set.emplace(name, value);
  }
  if (!set.empty()) write_values(fmt::format("set_{}", kind), set, json);
  std::vector<std::string> removed;
  for (const auto& [name, value] : before) {
    if (!after.contains(name)) removed.push_back(name);
  }
  if (removed.empty()) return;
  json.key(fmt::format("removed_{}", kind)).begin_array();
  for (const std::string& name : removed) json.string(name);
  json.end_array();
}

void write_stage(const RecordState& before, const StageTrace& stage, server::JsonWriter& json) {
  constexpr std::string_view kNames[] = {"done", "failed", "dropped"};  // NOLINT: by enumerator
  json.begin_object()
      .key("stage")
      .string(stage.stage)
      .key("outcome")
      .string(kNames[static_cast<std::size_t>(stage.outcome.kind)]);
  if (!stage.outcome.reason.empty()) json.key("reason").string(stage.outcome.reason);
  if (stage.after.timestamp != before.timestamp)
    json.key("timestamp").string(format_rfc3339(stage.after.timestamp));
  if (stage.after.line != before.line) json.key("line").string(stage.after.line);
  write_changes("labels", before.labels, stage.after.labels, json);
  write_changes("fields", before.fields, stage.after.fields, json);
  json.end_object();
}

}  // namespace

RecordState RecordState::of(const ingest::pipeline::PipelineRecord& record) {
  RecordState out{.timestamp = record.timestamp(), .line = std::string(record.line())};
  for (const Label& label : record.labels())
    out.labels[label.name] = json_of(std::string_view(label.value));
  for (const Field& field : record.fields())
    out.fields[std::string(field.name)] = json_value(field.value);
  return out;
}

bool RecordTrace::kept() const {
  return stages.empty() || stages.back().outcome.kind != StageOutcome::Kind::kDropped;
}

RecordTrace trace(const ingest::pipeline::Pipeline& pipeline, const Labels& labels,
                  TimestampNs timestamp, std::string_view line,
                  ingest::pipeline::PipelineRun& run) {
  std::vector<Field> fields;
  ingest::pipeline::PipelineRecord& record = run.begin(labels, timestamp, line, fields);
  RecordTrace out;
  out.before = RecordState::of(record);
  for (std::size_t i = 0; i < pipeline.steps().size() && out.kept(); ++i) {
    const StageOutcome outcome = pipeline.run_step(i, record, run);
    out.stages.push_back({pipeline.steps()[i].name, outcome, RecordState::of(record)});
  }
  return out;
}

std::string describe(const RecordTrace& trace) {
  std::size_t width = 0;
  for (const StageTrace& stage : trace.stages) width = std::max(width, stage.stage.size());
  std::string out = fmt::format("{}: {}\n", trace.number, shown(trace.before.line));
  const RecordState* before = &trace.before;
  for (const StageTrace& stage : trace.stages) {
    std::string_view name = stage.stage;
    for (const std::string& change : changes(*before, stage)) {
      out += fmt::format("   {:{}}  {}\n", name, width, change);
      name = {};
    }
    before = &stage.after;
  }
  return out;
}

std::string to_json(const RecordTrace& trace) {
  server::JsonWriter json;
  json.begin_object().key("number").number(static_cast<std::uint64_t>(trace.number));
  json.key("input").string(trace.before.line).key("kept").raw(trace.kept() ? "true" : "false");
  json.key("stages").begin_array();
  const RecordState* before = &trace.before;
  for (const StageTrace& stage : trace.stages) {
    write_stage(*before, stage, json);
    before = &stage.after;
  }
  json.end_array();
  if (trace.kept()) {
    json.key("result");
    write_state(trace.result(), json);
  }
  return json.end_object().take();
}

}  // namespace livedata::cli
