#include "cli/around_output.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "base/time_format.h"
#include "cli/around_time.h"
#include "cli/plain_text.h"
#include "ingest/values/json.h"

namespace livedata::cli {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

std::string text(yyjson_val* object, const char* key) {
  return plain_text(ingest::json_string(yyjson_obj_get(object, key)));
}

double number(yyjson_val* object, const char* key) {
  return yyjson_get_num(yyjson_obj_get(object, key));
}

template <class Visit>
void for_each(yyjson_val* object, const char* key, const Visit& visit) {
  yyjson_arr_iter it = yyjson_arr_iter_with(yyjson_obj_get(object, key));
  while (yyjson_val* item = yyjson_arr_iter_next(&it)) visit(item);
}

std::string scaled(double value) {
  static constexpr std::array<const char*, 6> kUnits = {"", "k", "M", "G", "T", "P"};
  std::size_t unit = 0;
  while (std::abs(value) >= 1000 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", value, unit == 0 || std::abs(value) >= 100 ? 0 : 1,
                     kUnits.at(unit));
}

/// A value in the unit that its field's name tells.
std::string measured(std::string_view field, double value) {
  if (field.ends_with("_bytes_per_second")) return scaled(value) + "B/s";
  if (field.ends_with("_bytes")) return scaled(value) + "B";
  if (field.ends_with("_per_second")) return fmt::format("{:.4g}/s", value);
  if (field.ends_with("_percent")) return fmt::format("{:.3g} %", value);
  if (field.ends_with("_ms")) return fmt::format("{:.3g} ms", value);
  if (field.ends_with("celsius")) return fmt::format("{:.3g} C", value);
  return fmt::format("{:.4g}", value);
}

/// What a host's first line shows.
struct Shown {
  std::string_view source;
  const char* field;
  std::string_view name;
};
constexpr std::array<Shown, 10> kShown = {{{"cpu", "busy_percent", "cpu"},
                                           {"cpu", "iowait_percent", "iowait"},
                                           {"load", "load1", "load"},
                                           {"memory", "used_percent", "memory"},
                                           {"memory", "swap_used_bytes", "swap"},
                                           {"pressure", "some_percent", "pressure"},
                                           {"disk", "busy_percent", "disk"},
                                           {"network", "received_bytes_per_second", "in"},
                                           {"network", "sent_bytes_per_second", "out"},
                                           {"filesystem", "used_percent", "full"}}};

void append_metrics(yyjson_val* root, std::string& out) {
  constexpr std::size_t kDevicesShown = 4;
  std::string line;
  for (const Shown& shown : kShown) {
    std::size_t devices = 0;
    for_each(root, "metrics", [&](yyjson_val* metric) {
      yyjson_val* field = yyjson_obj_get(yyjson_obj_get(metric, "fields"), shown.field);
      if (text(metric, "source") != shown.source || field == nullptr) return;
      if (++devices > kDevicesShown) return;
      const std::string device = text(metric, "device");
      const std::string part = fmt::format("{}{}{} {} ({})", shown.name, device.empty() ? "" : " ",
                                           device, measured(shown.field, number(field, "value")),
                                           measured(shown.field, number(field, "usual")));
      constexpr std::size_t kWidth = 100;
      if (line.size() + part.size() > kWidth) {
        out += "  " + line + "\n";
        line.clear();
      }
      if (!line.empty()) line += "   ";
      line += part;
    });
  }
  if (!line.empty()) out += "  " + line + "\n";
}

void append_spikes(yyjson_val* root, TimestampNs now, std::string& out) {
  for_each(root, "spikes", [&](yyjson_val* spike) {
    const std::string field = text(spike, "field");
    const auto time = parse_rfc3339(text(spike, "time"));
    std::string name = text(spike, "source");
    if (const std::string device = text(spike, "device"); !device.empty()) name += " " + device;
    out += fmt::format("  {}  {:<42} {:>12}   usually {}\n", time ? show_when(*time, now) : "?",
                       name + " " + field, measured(field, number(spike, "value")),
                       measured(field, number(spike, "usual")));
  });
}

void append_processes(yyjson_val* root, std::string& out) {
  if (yyjson_arr_size(yyjson_obj_get(root, "processes")) == 0) return;
  out += fmt::format("\nprocesses\n  {:>8} {:<12} {:>7} {:>9}  {}\n", "PID", "USER", "CPU %",
                     "MEMORY", "NAME AND COMMAND");
  for_each(root, "processes", [&](yyjson_val* process) {
    const std::string command = text(process, "command");
    out +=
        fmt::format("  {:>8} {:<12.12} {:>7.1f} {:>9}  {}  {:.80}\n", number(process, "pid"),
                    text(process, "user"), number(process, "cpuPercent"),
                    scaled(number(process, "memoryBytes")) + "B", text(process, "name"), command);
  });
}

std::string counts(yyjson_val* logs, const char* key, std::size_t most) {
  std::string out;
  std::size_t count = 0;
  for_each(logs, key, [&](yyjson_val* each) {
    if (count++ >= most) return;
    const std::string name = text(each, "name");
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name.empty() ? "(none)" : name,
                       number(each, "lines"));
  });
  return out;
}

void append_logs(yyjson_val* root, TimestampNs at, TimestampNs now, std::string& out) {
  yyjson_val* logs = yyjson_obj_get(root, "logs");
  if (yyjson_arr_size(yyjson_obj_get(logs, "lines")) == 0) {
    out += "\nlogs: none of this host in that time\n";
    return;
  }
  constexpr std::size_t kServices = 8;
  out += fmt::format("\nlogs   {}\n       {}\n", counts(logs, "levels", kServices),
                     counts(logs, "services", kServices));
  bool is_before = true;
  for_each(logs, "lines", [&](yyjson_val* line) {
    const TimestampNs time = parse_rfc3339(text(line, "time")).value_or(0);
    if (is_before && time >= at) {
      out += fmt::format("  ---- {} ----\n", show_when(at, now));
      is_before = false;
    }
    yyjson_val* labels = yyjson_obj_get(line, "labels");
    out += fmt::format("  {} {:<8.8} {:<16.16} {}\n", show_when(time, now),
                       text(yyjson_obj_get(line, "fields"), "detected_level"),
                       text(labels, "service_name"), text(line, "line"));
  });
}

}  // namespace

Result<std::string> show_around(std::string_view json, TimestampNs now) {
  LIVEDATA_TRY(const auto document, ingest::parse_json(json));
  yyjson_val* root = yyjson_doc_get_root(document.get());
  const TimestampNs at = parse_rfc3339(text(root, "time")).value_or(0);
  std::string out = fmt::format("{} at {}   (in parentheses: what is usual)\n", text(root, "host"),
                                show_when(at, now));
  if (yyjson_arr_size(yyjson_obj_get(root, "metrics")) == 0) {
    out +=
        "  no metrics of this host at that time; livedata around lists the hosts that have some\n";
  }
  append_metrics(root, out);
  if (yyjson_arr_size(yyjson_obj_get(root, "spikes")) > 0) {
    out += "\nmoved\n";
    append_spikes(root, now, out);
  }
  append_processes(root, out);
  if (yyjson_arr_size(yyjson_obj_get(root, "events")) > 0) out += "\nhappened\n";
  for_each(root, "events", [&](yyjson_val* event) {
    const auto time = parse_rfc3339(text(event, "time"));
    out += fmt::format("  {}  {:<9} {:.110}\n", show_when(time.value_or(0), now),
                       text(event, "kind"), text(event, "text"));
  });
  append_logs(root, at, now, out);
  for_each(root, "warnings", [&](yyjson_val* warning) {
    out += fmt::format("note: {}\n", plain_text(ingest::json_string(warning)));
  });
  return out;
}

Result<std::string> show_spikes(std::string_view json, std::string_view host, TimestampNs now) {
  LIVEDATA_TRY(const auto document, ingest::parse_json(json));
  yyjson_val* root = yyjson_doc_get_root(document.get());
  if (yyjson_arr_size(yyjson_obj_get(root, "spikes")) == 0)
    return fmt::format("nothing of {} moved far from what is usual\n", plain_text(host));
  std::string out = "what moved farthest from what is usual, most first\n";
  append_spikes(root, now, out);
  out +=
      fmt::format("livedata around {} TIME shows what was there at that time\n", plain_text(host));
  return out;
}

Result<std::string> show_hosts(std::string_view json) {
  LIVEDATA_TRY(const auto document, ingest::parse_json(json));
  std::string out;
  for_each(yyjson_doc_get_root(document.get()), "hosts",
           [&](yyjson_val* host) { out += text(host, "name") + "\n"; });
  return out.empty() ? std::string("no host has metrics in that time\n") : out;
}

}  // namespace livedata::cli
