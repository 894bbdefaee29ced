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
  const MutexLock lock(counter_mutex_);
  Counters& counters = counters_[std::string(name)];
  if (counters.help.empty()) counters.help = help;
  auto& slot = counters.by_labels[std::string(labels)];
  if (slot == nullptr) slot = std::make_unique<Counter>();
  return *slot;
}

void MetricRegistry::gauge(std::string_view name, std::string_view help, std::string_view labels,
                           std::function<double()> read) {
  const MutexLock lock(gauge_mutex_);
  Gauges& gauges = gauges_[std::string(name)];
  if (gauges.help.empty()) gauges.help = help;
  gauges.by_labels[std::string(labels)] = std::move(read);
}

void MetricRegistry::remove_gauge(std::string_view name) {
  const MutexLock lock(gauge_mutex_);
  if (const auto found = gauges_.find(name); found != gauges_.end()) gauges_.erase(found);
}

void MetricRegistry::remove_gauge(std::string_view name, std::string_view labels) {
  const MutexLock lock(gauge_mutex_);
  const auto gauges = gauges_.find(name);
  if (gauges == gauges_.end()) return;
  auto& by_labels = gauges->second.by_labels;
  if (const auto found = by_labels.find(labels); found != by_labels.end()) by_labels.erase(found);
}

std::map<std::string, double> MetricRegistry::read_gauges(std::string_view name) const {
  std::map<std::string, double> values;
  const MutexLock lock(gauge_mutex_);
  const auto gauges = gauges_.find(name);
  if (gauges == gauges_.end()) return values;
  for (const auto& [labels, read] : gauges->second.by_labels) values.emplace(labels, read());
  return values;
}

std::string MetricRegistry::render() const {
  std::map<std::string, std::string> pages;  // by name, so that the order is always the same
  const auto head = [](std::string_view name, std::string_view help, std::string_view type) {
    return fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  };
  {
    const MutexLock lock(gauge_mutex_);
    for (const auto& [name, gauges] : gauges_) {
      if (gauges.by_labels.empty()) continue;
      std::string& page = pages[name] =
          head(name, gauges.help, name.ends_with("_total") ? "counter" : "gauge");
      for (const auto& [labels, read] : gauges.by_labels)
        page += fmt::format("{} {}\n", sample_name(name, labels), read());
    }
  }
  {
    const MutexLock lock(counter_mutex_);
    for (const auto& [name, counters] : counters_) {
      std::string& page = pages[name] = head(name, counters.help, "counter");
      for (const auto& [labels, counter] : counters.by_labels)
        page += fmt::format("{} {}\n", sample_name(name, labels), counter->value());
    }
  }
  std::string out;
  for (const auto& [name, page] : pages) out += page;
  return out;
}

}  // namespace livedata
