#include "collect/host/units.h"

#include <array>

namespace livedata::collect::host {
namespace {

constexpr std::uint64_t kAllRounds = 10;
constexpr std::array<std::string_view, 5> kStates = {"activating", "active", "deactivating",
                                                     "failed", "inactive"};

void add_unit(const Sample& sample, const UnitState& unit, std::string_view before) {
  std::array<Field, 6> fields = {
      Field{"unit", std::string_view(unit.name)}, Field{"load", std::string_view(unit.load)},
      Field{"active", std::string_view(unit.active)}, Field{"sub", std::string_view(unit.sub)}};
  std::size_t count = 4;
  if (!before.empty()) fields[count++] = Field{"before", before};
  if (unit.restarts) fields[count++] = Field{"restarts", as_int(*unit.restarts)};
  sample.add("unit", std::span<const Field>(fields).first(count));
}

}  // namespace

bool UnitsCollector::sample(const Sample& sample) {
  const bool all = rounds_ % kAllRounds == 0;
  auto found = source_.units(all);
  if (!found) {
    units_.clear();
    return false;
  }
  std::map<std::string, UnitState, std::less<>> now;
  std::array<std::int64_t, kStates.size()> counts{};
  std::int64_t restarts = 0;
  for (UnitState& unit : *found) {
    for (std::size_t i = 0; i < kStates.size(); ++i) counts[i] += unit.active == kStates[i] ? 1 : 0;
    const auto last = units_.find(unit.name);
    const UnitState* const before = last == units_.end() ? nullptr : &last->second;
    const bool restarted = before != nullptr && before->restarts && unit.restarts &&
                           *unit.restarts > *before->restarts;
    const bool changed = before != nullptr && before->active != unit.active;
    if (restarted) restarts += as_int(*unit.restarts - *before->restarts);
    if (!unit.restarts && before != nullptr) unit.restarts = before->restarts;
    if (changed || restarted || unit.active == "failed" ||
        (all && unit.name.ends_with(".service") && unit.active != "inactive"))
      add_unit(sample, unit, changed ? std::string_view(before->active) : std::string_view());
    std::string name = unit.name;
    now.insert_or_assign(std::move(name), std::move(unit));
  }
  units_ = std::move(now);
  ++rounds_;
  sample.add("systemd", {Field{"units", static_cast<std::int64_t>(units_.size())},
                         Field{"activating", counts[0]}, Field{"active", counts[1]},
                         Field{"deactivating", counts[2]}, Field{"failed", counts[3]},
                         Field{"inactive", counts[4]}, Field{"restarts", restarts}});
  return true;
}

void UnitsCollector::expose(Exposition& page) const {
  page.gauge("node_systemd_unit_state", "Systemd unit");
  for (const auto& [name, unit] : units_) {
    if (unit.load != "loaded") continue;
    for (const std::string_view state : kStates) {
      page.add({{"name", name}, {"state", state}, {"type", ""}}, unit.active == state ? 1 : 0);
    }
  }
  page.counter("node_systemd_service_restart_total", "Service unit count of Restart triggers");
  for (const auto& [name, unit] : units_) {
    if (unit.restarts) page.add({{"name", name}}, *unit.restarts);
  }
  if (units_.empty()) return;
  page.gauge("node_systemd_units", "Summary of systemd unit states");
  for (const std::string_view state : kStates) {
    std::uint64_t count = 0;
    for (const auto& [name, unit] : units_) count += unit.active == state ? 1U : 0U;
    page.add({{"state", state}}, count);
  }
}

}  // namespace livedata::collect::host
