#pragma once

#include <vector>

#include "collect/host/collector.h"
#include "collect/host/host_source.h"

namespace livedata::collect::host {

/// Temperatures and fans of /sys/class/hwmon (Documentation/hwmon/sysfs-interface.rst) and
/// temperatures of /sys/class/thermal: source `temperature`, a record per sensor. Sensors are
/// looked for again now and then, since modules are loaded late.
class TemperatureCollector final : public Collector {
 public:
  explicit TemperatureCollector(HostSource& source) : source_(source) {}
  bool sample(const Sample& sample) override;
  void expose(Exposition& page) const override;

 private:
  enum class Kind { kHwmon, kFan, kZone };
  struct Sensor {
    Kind kind = Kind::kHwmon;
    std::string chip;    ///< as node_exporter names it; of a zone its number
    std::string device;  ///< the chip's own name, or the zone's type
    std::string name;    ///< temp1
    std::string label;   ///< "" without one
    std::unique_ptr<SourceFile> file;
    std::vector<std::pair<std::string_view, double>> bounds;  ///< crit, max and the like: celsius
    std::optional<double> value;
  };
  void find_sensors();
  void find_chip(const std::string& folder);
  void find_zone(std::string_view name);
  std::string text_of(const std::string& path);

  HostSource& source_;
  std::uint64_t rounds_ = 0;
  std::vector<Sensor> sensors_;
};

}  // namespace livedata::collect::host
