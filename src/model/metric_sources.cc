#include "model/metric_sources.h"

#include <algorithm>
#include <array>

namespace livedata {
namespace {

constexpr std::array<std::string_view, 28> kOwn = {
    "cgroup",        "collector",       "cpu",       "cpu_core", "disk",    "exposition",
    "fan",           "filesystem",      "interface", "load",     "login",   "logs",
    "memory",        "metrics",         "network",   "pressure", "process", "process_event",
    "process_group", "process_summary", "protocol",  "sockets",  "store",   "system",
    "systemd",       "temperature",     "unit",      "vmstat"};

}  // namespace

bool is_own_metric_source(std::string_view name) {
  return std::find(kOwn.begin(), kOwn.end(), name) != kOwn.end();
}

}  // namespace livedata
