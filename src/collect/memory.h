#pragma once

#include "collect/proc_source.h"
#include "collect/sample.h"

namespace livedata::collect {

/// Memory and swap from /proc/meminfo: source `memory`, in bytes.
class MemorySampler {
 public:
  explicit MemorySampler(const ProcSource& source) : meminfo_(source.proc / "meminfo") {}
  bool sample(const Sample& sample);

 private:
  ProcFile meminfo_;
};

/// Load averages and tasks from /proc/loadavg: source `load`.
class LoadSampler {
 public:
  explicit LoadSampler(const ProcSource& source) : loadavg_(source.proc / "loadavg") {}
  bool sample(const Sample& sample);

 private:
  ProcFile loadavg_;
};

}  // namespace livedata::collect
