#include "collect/cpu.h"

#include <array>
#include <charconv>

namespace livedata::collect {
namespace {

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : rounded(100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

CpuSampler::Times CpuSampler::parse(std::string_view line) {
  // proc(5): user nice system idle iowait irq softirq steal
  TextScanner scan(line);
  scan.skip(1);
  Times times;
  times.user = scan.number();
  times.user += scan.number();
  times.system = scan.number();
  times.idle = scan.number();
  times.iowait = scan.number();
  times.system += scan.number();
  times.system += scan.number();
  times.steal = scan.number();
  return times;
}

CpuSampler::Times CpuSampler::difference(const Times& before, const Times& now) {
  return {counter_increase(before.user, now.user), counter_increase(before.system, now.system),
          counter_increase(before.idle, now.idle), counter_increase(before.iowait, now.iowait),
          counter_increase(before.steal, now.steal)};
}

bool CpuSampler::sample(const Sample& sample) {
  const auto text = stat_.read();
  if (!text) return false;
  std::int64_t cores = 0;
  std::optional<Times> all;
  for (TextScanner lines(*text); !lines.done();) {
    const std::string_view line = lines.line();
    if (!line.starts_with("cpu")) continue;
    const std::string_view name = TextScanner(line).word();
    const Times now = parse(line);
    const auto [slot, is_new] = last_.try_emplace(std::string(name), now);
    const Times passed = difference(slot->second, now);
    slot->second = now;
    if (name == "cpu") {
      if (!is_new && passed.total() > 0) all = passed;
      continue;
    }
    ++cores;
    std::int64_t core = 0;
    std::from_chars(name.data() + 3, name.data() + name.size(), core);
    if (is_new || passed.total() == 0) continue;
    const std::array fields = {
        Field{"core", core},
        Field{"busy_percent",
              percent(passed.total() - passed.idle - passed.iowait, passed.total())}};
    sample.add("cpu_core", fields);
  }
  if (!all) return true;
  const std::uint64_t total = all->total();
  const std::array fields = {Field{"busy_percent", percent(total - all->idle - all->iowait, total)},
                             Field{"user_percent", percent(all->user, total)},
                             Field{"system_percent", percent(all->system, total)},
                             Field{"iowait_percent", percent(all->iowait, total)},
                             Field{"steal_percent", percent(all->steal, total)},
                             Field{"cores", cores}};
  sample.add("cpu", fields);
  return true;
}

}  // namespace livedata::collect
