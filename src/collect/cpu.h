#pragma once

#include <map>

#include "collect/proc_source.h"
#include "collect/sample.h"

namespace livedata::collect {

/// CPU time by kind, from /proc/stat: source `cpu` for all cores together, `cpu_core` for each.
/// Percent of the time since the last round; nothing in the first.
class CpuSampler {
 public:
  explicit CpuSampler(const ProcSource& source) : stat_(source.proc / "stat") {}
  /// False when the kernel file can't be read.
  bool sample(const Sample& sample);

 private:
  struct Times {
    std::uint64_t user = 0, system = 0, idle = 0, iowait = 0, steal = 0;
    [[nodiscard]] std::uint64_t total() const { return user + system + idle + iowait + steal; }
  };
  static Times parse(std::string_view line);
  static Times difference(const Times& before, const Times& now);

  ProcFile stat_;
  std::map<std::string, Times, std::less<>> last_;
};

}  // namespace livedata::collect
