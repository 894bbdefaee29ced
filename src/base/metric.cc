#include "base/metric.h"

#include <fmt/core.h>

namespace livedata {
namespace {

std::string sample_name(std::string_view name, std::string_view labels) {
  return labels.empty() ? std::string(name) : fmt::format("{}{{{}}}", name, labels);
}

}  // namespace

Counter& MetricRegistry::counter(std::string_view name, std::string_view help,
                                 std::string_view labels) {
  const MutexLock lock(mutex_);
  Family& family = families_[std::string(name)];
  if (family.help.empty()) family.help = help;
  auto& slot = family.counters[std::string(labels)];
  if (slot == nullptr) slot = std::make_unique<Counter>();
  return *slot;
}

void MetricRegistry::gauge(std::string_view name, std::string_view help, std::string_view labels,
                           std::function<double()> read) {
  const MutexLock lock(mutex_);
  Family& family = families_[std::string(name)];
  if (family.help.empty()) family.help = help;
  family.gauges[std::string(labels)] = std::move(read);
}

void MetricRegistry::remove_gauge(std::string_view name) {
  const MutexLock lock(mutex_);
  if (const auto found = families_.find(name); found != families_.end())
    found->second.gauges.clear();
}

std::string MetricRegistry::render() const {
  std::string out;
  const MutexLock lock(mutex_);
  for (const auto& [name, family] : families_) {
    if (family.counters.empty() && family.gauges.empty()) continue;
    // A sum that is read when it is shown, and not counted here, has its name for a type.
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, family.help, name,
                       !family.counters.empty() || name.ends_with("_total") ? "counter" : "gauge");
    for (const auto& [labels, counter] : family.counters) {
      out += fmt::format("{} {}\n", sample_name(name, labels), counter->value());
    }
    for (const auto& [labels, read] : family.gauges) {
      out += fmt::format("{} {}\n", sample_name(name, labels), read());
    }
  }
  return out;
}

}  // namespace livedata
