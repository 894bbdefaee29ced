#include "collect/host/load.h"

#include <fmt/core.h>

#include "collect/host/text_scan.h"

namespace livedata::collect::host {

bool LoadCollector::sample(const Sample& sample) {
  const auto text = loadavg_->read();
  good_ = text.has_value();
  if (!good_) return false;
  TextScanner words(*text);
  for (double& load : load_) load = words.decimal();
  TextScanner tasks(words.word());  // running/all
  const auto running = to_number<std::int64_t>(tasks.until('/'));
  const auto all = to_number<std::int64_t>(tasks.rest());
  sample.add("load", {Field{"load1", load_[0]}, Field{"load5", load_[1]}, Field{"load15", load_[2]},
                      Field{"runnable", running}, Field{"tasks", all}});
  return true;
}

void LoadCollector::expose(Exposition& page) const {
  if (!good_) return;
  page.gauge("node_load1", "1m load average.").add(load_[0]);
  page.gauge("node_load5", "5m load average.").add(load_[1]);
  page.gauge("node_load15", "15m load average.").add(load_[2]);
}

PressureCollector::PressureCollector(HostSource& source) {
  constexpr std::array<std::string_view, 4> kNames = {"cpu", "io", "memory", "irq"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    resources_[i].name = kNames[i];
    resources_[i].file = source.open(fmt::format("/proc/pressure/{}", kNames[i]));
  }
}

bool PressureCollector::read(Resource& resource) {
  const auto text = resource.file->read();
  resource.some.known = resource.full.known = false;
  if (!text) return false;
  for (TextScanner lines(*text); !lines.done();) {
    TextScanner words(lines.line());  // some avg10=0.00 avg60=0.00 avg300=0.00 total=0
    const std::string_view kind = words.word();
    if (kind != "some" && kind != "full") continue;
    Stall& stall = kind == "some" ? resource.some : resource.full;
    stall.known = true;
    for (std::string_view word = words.word(); !word.empty(); word = words.word()) {
      TextScanner parts(word);
      const std::string_view name = parts.until('=');
      if (name == "avg10") stall.average10 = to_number<double>(parts.rest());
      if (name == "total") stall.microseconds = to_number<std::uint64_t>(parts.rest());
    }
  }
  return resource.some.known || resource.full.known;
}

bool PressureCollector::sample(const Sample& sample) {
  const double seconds = interval_.next(sample.steady);
  bool any = false;
  for (Resource& resource : resources_) {
    const Stall some = resource.some;
    const Stall full = resource.full;
    if (!read(resource)) {
      resource.has_before = false;
      continue;
    }
    any = true;
    const auto share = [seconds](const Stall& before, const Stall& now) {
      return percent(
          static_cast<double>(counter_increase(before.microseconds, now.microseconds)) / 1e6,
          seconds);
    };
    if (resource.has_before && seconds > 0) {
      sample.add("pressure", {Field{"resource", resource.name},
                              Field{"some_percent", share(some, resource.some)},
                              Field{"full_percent", share(full, resource.full)},
                              Field{"some_avg10", resource.some.average10},
                              Field{"full_avg10", resource.full.average10}});
    }
    resource.has_before = true;
  }
  return any;
}

void PressureCollector::expose(Exposition& page) const {
  const auto add = [&page](std::string_view name, std::string_view help, const Stall& stall) {
    if (stall.known) page.counter(name, help).add(static_cast<double>(stall.microseconds) / 1e6);
  };
  const auto& [cpu, io, memory, irq] = resources_;
  add("node_pressure_cpu_waiting_seconds_total",
      "Total time in seconds that processes have waited for CPU time", cpu.some);
  add("node_pressure_io_waiting_seconds_total",
      "Total time in seconds that processes have waited due to IO congestion", io.some);
  add("node_pressure_io_stalled_seconds_total",
      "Total time in seconds no process could make progress due to IO congestion", io.full);
  add("node_pressure_memory_waiting_seconds_total",
      "Total time in seconds that processes have waited for memory", memory.some);
  add("node_pressure_memory_stalled_seconds_total",
      "Total time in seconds no process could make progress due to memory congestion", memory.full);
  add("node_pressure_irq_stalled_seconds_total",
      "Total time in seconds no process could make progress due to IRQ congestion", irq.full);
}

}  // namespace livedata::collect::host
