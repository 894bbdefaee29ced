#include "collect/host/cgroup.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "collect/host/filesystem.h"
#include "collect/host/text_scan.h"

namespace livedata::collect::host {
namespace {

constexpr int kMaxDepth = 8;
constexpr std::size_t kMaxGroups = 4000;  // that are looked at
constexpr std::uint64_t kAllRounds = 6;   // after which every group gets a record

/// Lines "name value"; calls back for each.
template <class Visit>
void each_pair(std::string_view text, const Visit& visit) {
  for (TextScanner lines(text); !lines.done();) {
    TextScanner words(lines.line());
    const std::string_view name = words.word();
    visit(name, words.number());
  }
}

}  // namespace

void CgroupCollector::find_root() {
  root_.clear();
  const auto mounts = source_.open("/proc/self/mounts")->read();
  for (TextScanner lines(mounts.value_or("")); !lines.done();) {
    TextScanner words(lines.line());
    words.skip(1);
    const std::string_view mount = words.word();
    if (words.word() != "cgroup2") continue;
    root_ = unescape_mount(mount);
    return;
  }
}

const CgroupName& CgroupCollector::name_of(const std::string& path) {
  const auto known = names_.find(path);
  if (known != names_.end()) return known->second.name;
  if (names_.size() > 2 * kMaxGroups) names_.clear();
  Named named{.name = name_cgroup(path), .container = ""};
  named.container = container_name(named.name);
  return names_.emplace(path, std::move(named)).first->second.name;
}

std::string CgroupCollector::container_name(const CgroupName& name) {
  if (name.kind != CgroupName::Kind::kContainer) return "";
  if (name.runtime != "docker") return name.container_id.substr(0, 12);
  const auto config = source_.read(
      fmt::format("/var/lib/docker/containers/{}/config.v2.json", name.container_id), buffer_);
  // The file is Docker's own, and of the one name in it only what is simple is taken.
  constexpr std::string_view kKey = "\"Name\":\"/";
  const std::size_t at = config ? config->find(kKey) : std::string_view::npos;
  if (config && at != std::string_view::npos) {
    const std::string_view rest = config->substr(at + kKey.size());
    const std::string_view found = rest.substr(0, rest.find('"'));
    if (!found.empty() && found.find('\\') == std::string_view::npos) return std::string(found);
  }
  return name.container_id.substr(0, 12);
}

void CgroupCollector::read(const std::string& path) {
  Group* const group = groups_.next(path);
  if (group == nullptr) return;
  Reading& now = group->now;
  now = {};
  const auto file = [&](std::string_view name) {
    return source_.read(fmt::format("{}{}/{}", root_, path, name), buffer_);
  };
  if (const auto text = file("cpu.stat")) {
    now.has_cpu = true;
    each_pair(*text, [&now](std::string_view name, std::uint64_t value) {
      if (name == "usage_usec") now.usage_us = value;
      if (name == "user_usec") now.user_us = value;
      if (name == "system_usec") now.system_us = value;
      if (name == "nr_periods") now.periods = value;
      if (name == "nr_throttled") now.throttled_periods = value;
      if (name == "throttled_usec") now.throttled_us = value;
    });
  }
  // Nothing has run: the rest is as it was, but for what others reclaim; every group is read in
  // full now and then.
  const bool quiet = group->has_before && now.has_cpu && group->before.usage_us == now.usage_us;
  if (quiet && rounds_ % kAllRounds != 0) {
    const Reading& before = group->before;
    const std::uint64_t usage = now.usage_us;
    now = before;
    now.usage_us = usage;
    return;
  }
  read_details(path, now);
}

void CgroupCollector::read_details(const std::string& path, Reading& now) {
  const auto file = [&](std::string_view name) {
    return source_.read(fmt::format("{}{}/{}", root_, path, name), buffer_);
  };
  if (const auto text = file("memory.current")) {
    now.has_memory = true;
    now.memory = to_number<std::uint64_t>(*text);
  }
  if (const auto text = file("memory.max"); text && !text->starts_with("max"))
    now.memory_limit = to_number<std::uint64_t>(*text);
  if (const auto text = file("memory.swap.current")) now.swap = to_number<std::uint64_t>(*text);
  if (const auto text = file("memory.events")) {
    each_pair(*text, [&now](std::string_view name, std::uint64_t value) {
      if (name == "oom_kill") now.oom_kills = value;
    });
  }
  if (const auto text = file("pids.current")) now.tasks = to_number<std::uint64_t>(*text);
  if (const auto text = file("io.stat")) read_io(*text, now);
}

void CgroupCollector::read_io(std::string_view text, Reading& now) {
  for (TextScanner lines(text); !lines.done();) {
    TextScanner words(lines.line());  // 8:0 rbytes=1 wbytes=2 rios=3 ...
    for (std::string_view word = words.word(); !word.empty(); word = words.word()) {
      TextScanner parts(word);
      const std::string_view name = parts.until('=');
      if (name == "rbytes") now.read_bytes += to_number<std::uint64_t>(parts.rest());
      if (name == "wbytes") now.written_bytes += to_number<std::uint64_t>(parts.rest());
    }
  }
}

void CgroupCollector::walk(const std::string& path, int depth, std::size_t& left) {
  std::vector<std::string> below;
  source_.list(path.empty() ? root_ : fmt::format("{}{}", root_, path), [&](std::string_view name) {
    // Files of the kernel have a dot and a known first part.
    if (name.starts_with("cgroup.") || name.starts_with("cpu.") || name.starts_with("memory.") ||
        name.starts_with("io.") || name.starts_with("pids.") || name.starts_with("cpuset.") ||
        name.starts_with("hugetlb.") || name.starts_with("rdma.") || name.starts_with("misc.") ||
        name.starts_with("irq."))
      return;
    if (below.size() < left) below.emplace_back(name);
  });
  for (const std::string& name : below) {
    if (left == 0) return;
    --left;
    const std::string child = fmt::format("{}/{}", path, name);
    const CgroupName& known = name_of(child);
    if (known.kind != CgroupName::Kind::kOther || depth == 1) read(child);
    // A container's inside is its own business.
    if (depth < kMaxDepth && known.kind != CgroupName::Kind::kContainer)
      walk(child, depth + 1, left);
  }
}

bool CgroupCollector::sample(const Sample& sample) {
  if (root_.empty()) find_root();
  if (root_.empty()) return false;
  const double seconds = interval_.next(sample.steady);
  groups_.begin_round();
  std::size_t left = kMaxGroups;
  walk("", 1, left);
  groups_.end_round();
  for (const auto& [path, group] : groups_) {
    const bool quiet = group.has_before && group.before.usage_us == group.now.usage_us;
    if (quiet && rounds_ % kAllRounds != 0) continue;
    add(sample, path, group, seconds);
  }
  ++rounds_;
  return !groups_.empty();
}

void CgroupCollector::add(const Sample& sample, const std::string& path, const Group& group,
                          double seconds) {
  if (!group.has_before || seconds <= 0 || (!group.now.has_cpu && !group.now.has_memory)) return;
  const CgroupName& name = name_of(path);
  const Reading& before = group.before;
  const Reading& now = group.now;
  const auto rate = [seconds](std::uint64_t from, std::uint64_t to) {
    return static_cast<double>(counter_increase(from, to)) / seconds;
  };
  std::array<Field, 18> fields = {
      Field{"cgroup", std::string_view(path)},
      Field{"kind", kind_name(name.kind)},
      Field{"unit", std::string_view(name.unit)},
      Field{"cpu_percent", rounded(rate(before.usage_us, now.usage_us) / 1e4)},
      Field{"cpu_user_percent", rounded(rate(before.user_us, now.user_us) / 1e4)},
      Field{"cpu_system_percent", rounded(rate(before.system_us, now.system_us) / 1e4)},
      Field{"throttled_percent", rounded(rate(before.throttled_us, now.throttled_us) / 1e4)},
      Field{"throttled_periods",
            as_int(counter_increase(before.throttled_periods, now.throttled_periods))}};
  std::size_t count = 8;
  if (now.has_memory) {
    fields[count++] = Field{"memory_bytes", as_int(now.memory)};
    fields[count++] = Field{"oom_kills", as_int(counter_increase(before.oom_kills, now.oom_kills))};
  }
  if (now.memory_limit) fields[count++] = Field{"memory_limit_bytes", as_int(*now.memory_limit)};
  if (now.swap) fields[count++] = Field{"swap_bytes", as_int(*now.swap)};
  if (now.tasks > 0) fields[count++] = Field{"tasks", as_int(now.tasks)};
  fields[count++] =
      Field{"read_bytes_per_second", rounded(rate(before.read_bytes, now.read_bytes))};
  fields[count++] =
      Field{"written_bytes_per_second", rounded(rate(before.written_bytes, now.written_bytes))};
  const auto named = names_.find(path);
  if (name.kind == CgroupName::Kind::kContainer && named != names_.end()) {
    fields[count++] = Field{"runtime", std::string_view(name.runtime)};
    fields[count++] = Field{"container", std::string_view(named->second.container)};
    fields[count++] = Field{"container_id", std::string_view(name.container_id)};
  }
  sample.add("cgroup", std::span<const Field>(fields).first(count));
}

void CgroupCollector::expose(Exposition& page) const {
  const auto each = [&](MetricType type, std::string_view metric, std::string_view help,
                        const auto& value) {
    page.family(metric, type, help);
    for (const auto& [path, group] : groups_) {
      const auto named = names_.find(path);
      const bool known = named != names_.end();
      const auto number = value(group.now);
      if (!number) continue;
      page.add({{"id", path},
                {"name", known ? std::string_view(named->second.container) : std::string_view()}},
               *number);
    }
  };
  using Number = std::optional<std::uint64_t>;
  using Decimal = std::optional<double>;
  const auto seconds = [](bool known, std::uint64_t microseconds) {
    return known ? Decimal(static_cast<double>(microseconds) / 1e6) : Decimal();
  };
  const auto count = [](bool known, std::uint64_t number) {
    return known ? Number(number) : Number();
  };
  // The names are cAdvisor's.
  each(MetricType::kCounter, "container_cpu_usage_seconds_total",
       "Cumulative cpu time consumed in seconds.",
       [&](const Reading& r) { return seconds(r.has_cpu, r.usage_us); });
  each(MetricType::kCounter, "container_cpu_user_seconds_total",
       "Cumulative user cpu time consumed in seconds.",
       [&](const Reading& r) { return seconds(r.has_cpu, r.user_us); });
  each(MetricType::kCounter, "container_cpu_system_seconds_total",
       "Cumulative system cpu time consumed in seconds.",
       [&](const Reading& r) { return seconds(r.has_cpu, r.system_us); });
  each(MetricType::kCounter, "container_cpu_cfs_periods_total",
       "Number of elapsed enforcement period intervals.",
       [&](const Reading& r) { return count(r.periods > 0, r.periods); });
  each(MetricType::kCounter, "container_cpu_cfs_throttled_periods_total",
       "Number of throttled period intervals.",
       [&](const Reading& r) { return count(r.periods > 0, r.throttled_periods); });
  each(MetricType::kCounter, "container_cpu_cfs_throttled_seconds_total",
       "Total time duration the container has been throttled.",
       [&](const Reading& r) { return seconds(r.periods > 0, r.throttled_us); });
  each(MetricType::kGauge, "container_memory_usage_bytes",
       "Current memory usage in bytes, including all memory regardless of when it was accessed.",
       [&](const Reading& r) { return count(r.has_memory, r.memory); });
  each(MetricType::kGauge, "container_memory_swap", "Container swap usage in bytes.",
       [](const Reading& r) { return r.swap; });
  each(MetricType::kGauge, "container_spec_memory_limit_bytes", "Memory limit for the container.",
       [](const Reading& r) { return r.memory_limit; });
  each(MetricType::kCounter, "container_oom_events_total",
       "Count of out of memory events observed for the container.",
       [&](const Reading& r) { return count(r.has_memory, r.oom_kills); });
  each(MetricType::kGauge, "container_threads", "Number of threads running inside the container.",
       [&](const Reading& r) { return count(r.tasks > 0, r.tasks); });
}

}  // namespace livedata::collect::host
