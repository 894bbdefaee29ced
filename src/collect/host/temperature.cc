#include "collect/host/temperature.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "collect/host/text_scan.h"

namespace livedata::collect::host {
namespace {

constexpr std::uint64_t kFindEvery = 30;  // rounds
constexpr std::size_t kMaxSensors = 512;
// What is read beside a sensor when sensors are looked for. Names and units are node_exporter's,
// which takes the alarm for a temperature, too.
constexpr std::array<std::string_view, 4> kBounds = {"crit", "crit_alarm", "crit_hyst", "max"};

/// Lower case, and every other character an underscore, as node_exporter does (hwmon_linux.go).
std::string metric_part(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    out += letter || (c >= '0' && c <= '9') ? static_cast<char>(letter ? c | 0x20 : c) : '_';
  }
  return out;
}

}  // namespace

std::string TemperatureCollector::text_of(const std::string& path) {
  std::string buffer;
  return std::string(trimmed(source_.read(path, buffer).value_or("")));
}

void TemperatureCollector::find_chip(const std::string& folder) {
  const std::string own_name = text_of(fmt::format("{}/name", folder));
  // Stable across boots where there is a device: its bus and address.
  std::string chip;
  const auto device = source_.link_name(fmt::format("{}/device", folder));
  const auto bus = source_.link_name(fmt::format("{}/device/subsystem", folder));
  if (device && bus) {
    chip = fmt::format("{}_{}", metric_part(*bus), metric_part(*device));
  } else {
    chip = metric_part(!own_name.empty() ? std::string_view(own_name)
                                         : std::string_view(folder).substr(folder.rfind('/') + 1));
  }
  std::vector<std::string> names;
  source_.list(folder, [&names](std::string_view file) {
    constexpr std::string_view kInput = "_input";
    if (!file.ends_with(kInput) || !(file.starts_with("temp") || file.starts_with("fan"))) return;
    names.emplace_back(file.substr(0, file.size() - kInput.size()));
  });
  std::sort(names.begin(), names.end());
  for (std::string& name : names) {
    if (sensors_.size() >= kMaxSensors) return;
    Sensor sensor;
    sensor.kind = name.starts_with("fan") ? Kind::kFan : Kind::kHwmon;
    sensor.chip = chip;
    sensor.device = own_name;
    sensor.label = text_of(fmt::format("{}/{}_label", folder, name));
    sensor.file = source_.open(fmt::format("{}/{}_input", folder, name));
    for (const std::string_view bound : kBounds) {
      if (sensor.kind != Kind::kHwmon) break;
      const std::string value = text_of(fmt::format("{}/{}_{}", folder, name, bound));
      if (!value.empty()) sensor.bounds.emplace_back(bound, to_number<double>(value) / 1000);
    }
    sensor.name = std::move(name);
    sensors_.push_back(std::move(sensor));
  }
}

void TemperatureCollector::find_zone(std::string_view name) {
  constexpr std::string_view kZone = "thermal_zone";
  if (!name.starts_with(kZone) || sensors_.size() >= kMaxSensors) return;
  Sensor sensor;
  sensor.kind = Kind::kZone;
  sensor.chip = name.substr(kZone.size());
  sensor.device = text_of(fmt::format("/sys/class/thermal/{}/type", name));
  sensor.name = name;
  sensor.file = source_.open(fmt::format("/sys/class/thermal/{}/temp", name));
  sensors_.push_back(std::move(sensor));
}

void TemperatureCollector::find_sensors() {
  sensors_.clear();
  const auto sorted = [this](const char* folder) {
    std::vector<std::string> names;
    source_.list(folder, [&names](std::string_view name) { names.emplace_back(name); });
    std::sort(names.begin(), names.end());
    return names;
  };
  for (const std::string& name : sorted("/sys/class/hwmon"))
    find_chip(fmt::format("/sys/class/hwmon/{}", name));
  for (const std::string& name : sorted("/sys/class/thermal")) find_zone(name);
}

bool TemperatureCollector::sample(const Sample& sample) {
  if (rounds_++ % kFindEvery == 0) find_sensors();
  for (Sensor& sensor : sensors_) {
    const auto text = sensor.file->read();
    sensor.value.reset();
    if (!text || trimmed(*text).empty()) continue;
    const double number = to_number<double>(trimmed(*text));
    if (sensor.kind == Kind::kFan) {
      sensor.value = number;
      sample.add("fan", {Field{"chip", std::string_view(sensor.device)},
                         Field{"sensor", std::string_view(sensor.name)},
                         Field{"label", std::string_view(sensor.label)}, Field{"rpm", number}});
      continue;
    }
    sensor.value = number / 1000;
    const std::string_view kind = sensor.kind == Kind::kZone ? "zone" : "chip";
    sample.add("temperature",
               {Field{"kind", kind}, Field{"chip", std::string_view(sensor.device)},
                Field{"sensor", std::string_view(sensor.name)},
                Field{"label", std::string_view(sensor.label)}, Field{"celsius", *sensor.value}});
  }
  return !sensors_.empty();
}

void TemperatureCollector::expose(Exposition& page) const {
  const auto each = [&](Kind kind, const auto& add) {
    for (const Sensor& sensor : sensors_) {
      if (sensor.kind == kind && sensor.value) add(sensor);
    }
  };
  page.gauge("node_hwmon_temp_celsius", "Hardware monitor for temperature (input)");
  each(Kind::kHwmon, [&](const Sensor& s) {
    page.add({{"chip", s.chip}, {"sensor", s.name}}, s.value.value_or(0));
  });
  for (const std::string_view bound : kBounds) {
    const std::string name = fmt::format("node_hwmon_temp_{}_celsius", bound);
    const std::string help = fmt::format("Hardware monitor for temperature ({})", bound);
    page.gauge(name, help);
    each(Kind::kHwmon, [&](const Sensor& s) {
      for (const auto& [of, value] : s.bounds) {
        if (of == bound) page.add({{"chip", s.chip}, {"sensor", s.name}}, value);
      }
    });
  }
  page.gauge("node_hwmon_fan_rpm", "Hardware monitor for fan revolutions per minute (input)");
  each(Kind::kFan, [&](const Sensor& s) {
    page.add({{"chip", s.chip}, {"sensor", s.name}}, s.value.value_or(0));
  });
  page.gauge("node_hwmon_sensor_label", "Label for given chip and sensor");
  for (const Sensor& s : sensors_) {
    if (s.kind != Kind::kZone && !s.label.empty())
      page.add({{"chip", s.chip}, {"label", s.label}, {"sensor", s.name}}, 1);
  }
  page.gauge("node_hwmon_chip_names", "Annotation metric for human-readable chip names");
  std::string_view last;
  for (const Sensor& s : sensors_) {
    if (s.kind == Kind::kZone || s.chip == last) continue;
    last = s.chip;
    page.add({{"chip", s.chip}, {"chip_name", s.device}}, 1);
  }
  page.gauge("node_thermal_zone_temp", "Zone temperature in Celsius");
  each(Kind::kZone, [&](const Sensor& s) {
    page.add({{"type", s.device}, {"zone", s.chip}}, s.value.value_or(0));
  });
}

}  // namespace livedata::collect::host
