#include "model/service_name.h"

#include <array>

namespace livedata {

void discover_service_name(Labels& labels) {
  // Loki's discover_service_name default, in its order.
  static constexpr std::array<std::string_view, 13> kCandidates = {"service",
                                                                   "app",
                                                                   "application",
                                                                   "app_name",
                                                                   "name",
                                                                   "app_kubernetes_io_name",
                                                                   "container",
                                                                   "container_name",
                                                                   "k8s_container_name",
                                                                   "component",
                                                                   "workload",
                                                                   "job",
                                                                   "k8s_job_name"};
  if (labels.has(kServiceNameLabel)) return;
  for (const std::string_view candidate : kCandidates) {
    if (const std::string value(labels.get(candidate)); !value.empty()) {
      labels.set(kServiceNameLabel, value);
      return;
    }
  }
  labels.set(kServiceNameLabel, "unknown_service");
}

}  // namespace livedata
