#include "server/api/native/around_answer.h"

#include "base/time_format.h"
#include "server/json/json_writer.h"

namespace livedata::server::native {
namespace {

using namespace query::around;  // NOLINT(google-build-using-namespace): all of this file is about
                                // it

void write_text(JsonWriter& json, std::string_view key, std::string_view text) {
  if (!text.empty()) json.key(key).string(text);
}

void write_time(JsonWriter& json, std::string_view key, TimestampNs time) {
  json.key(key).string(format_rfc3339(time));
}

/// Metrics come ordered; those of one source and device make one object.
void write_metrics(JsonWriter& json, const std::vector<MetricState>& metrics) {
  json.key("metrics").begin_array();
  for (std::size_t i = 0; i < metrics.size();) {
    const MetricKey& first = metrics[i].metric;
    json.begin_object().key("source").string(first.source);
    write_text(json, "device", first.device);
    write_time(json, "time", metrics[i].reading.time);
    json.key("fields").begin_object();
    for (; i < metrics.size() && metrics[i].metric.source == first.source &&
           metrics[i].metric.device == first.device;
         ++i) {
      json.key(metrics[i].metric.field).begin_object();
      json.key("value").number(metrics[i].reading.value);
      json.key("usual").number(metrics[i].usual).end_object();
    }
    json.end_object().end_object();
  }
  json.end_array();
}

void write_spikes(JsonWriter& json, const std::vector<Spike>& spikes) {
  json.key("spikes").begin_array();
  for (const Spike& spike : spikes) {
    json.begin_object().key("source").string(spike.metric.source);
    write_text(json, "device", spike.metric.device);
    json.key("field").string(spike.metric.field);
    write_time(json, "time", spike.time);
    json.key("value").number(spike.value).key("usual").number(spike.usual);
    json.key("score").number(spike.score).end_object();
  }
  json.end_array();
}

void write_processes(JsonWriter& json, const std::vector<ProcessState>& processes) {
  json.key("processes").begin_array();
  for (const ProcessState& process : processes) {
    json.begin_object().key("pid").number(static_cast<double>(process.pid));
    write_text(json, "name", process.name);
    write_text(json, "user", process.user);
    write_text(json, "command", process.command);
    write_text(json, "unit", process.unit);
    write_text(json, "container", process.container);
    json.key("cpuPercent").number(process.cpu_percent);
    json.key("memoryBytes").number(process.memory_bytes);
    write_time(json, "time", process.time);
    write_time(json, "startTime", process.start_time);
    json.end_object();
  }
  json.end_array();
}

void write_events(JsonWriter& json, const std::vector<HostEvent>& events) {
  json.key("events").begin_array();
  for (const HostEvent& event : events) {
    json.begin_object();
    write_time(json, "time", event.time);
    json.key("kind").string(event.kind).key("text").string(event.text).end_object();
  }
  json.end_array();
}

void write_counts(JsonWriter& json, std::string_view key,
                  const std::vector<NearbyLogs::Count>& counts) {
  json.key(key).begin_array();
  for (const NearbyLogs::Count& count : counts)
    json.begin_object()
        .key("name")
        .string(count.name)
        .key("lines")
        .number(count.lines)
        .end_object();
  json.end_array();
}

void write_logs(JsonWriter& json, const NearbyLogs& logs) {
  json.key("logs").begin_object().key("lines").begin_array();
  for (const query::LogRow& row : logs.rows) {
    json.begin_object();
    write_time(json, "time", row.timestamp);
    json.key("labels").begin_object();
    for (const Label& label : row.stream->labels) json.key(label.name).string(label.value);
    json.end_object().key("fields").begin_object();
    for (const Label& field : row.metadata) json.key(field.name).string(field.value);
    json.end_object().key("line").string(row.line).end_object();
  }
  json.end_array();
  write_counts(json, "levels", logs.levels);
  write_counts(json, "services", logs.services);
  json.key("selectors").begin_array();
  for (const std::string& selector : logs.selectors) json.string(selector);
  json.end_array().end_object();
}

}  // namespace

std::string encode_around(const Question& question, const Answer& answer) {
  JsonWriter json;
  json.begin_object().key("host").string(question.host);
  write_time(json, "time", question.at);
  write_time(json, "start", answer.window.start);
  write_time(json, "end", answer.window.end);
  write_metrics(json, answer.metrics);
  write_spikes(json, answer.spikes);
  write_processes(json, answer.processes);
  write_events(json, answer.events);
  write_logs(json, answer.logs);
  json.key("warnings").begin_array();
  if (answer.metrics_are_cut) {
    json.string("this host has more metrics than are compared; the others are left out");
  }
  json.end_array().end_object();
  return json.take();
}

std::string encode_spikes(const std::vector<Spike>& spikes) {
  JsonWriter json;
  json.begin_object();
  write_spikes(json, spikes);
  json.end_object();
  return json.take();
}

}  // namespace livedata::server::native
