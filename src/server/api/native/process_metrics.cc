#include "server/api/native/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace livedata::server::native {
namespace {

struct Memory {
  double virtual_bytes = 0;
  double resident_bytes = 0;
};

Memory memory() {
  std::ifstream statm("/proc/self/statm");
  Memory pages;
  statm >> pages.virtual_bytes >> pages.resident_bytes;
  const auto page_bytes = static_cast<double>(::sysconf(_SC_PAGESIZE));
  return {pages.virtual_bytes * page_bytes, pages.resident_bytes * page_bytes};
}

double cpu_seconds() {
  struct rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double open_files() {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator it("/proc/self/fd", error), end; !error && it != end;
       it.increment(error))
    ++count;
  return count;
}

double limit_of(__rlimit_resource resource) {
  struct rlimit limit{};
  ::getrlimit(resource, &limit);
  return static_cast<double>(limit.rlim_cur);  // 2^64 without a limit, as others have it
}

}  // namespace

void add_process_metrics(MetricRegistry& metrics) {
  metrics.gauge("process_resident_memory_bytes", "Resident memory", "",
                [] { return memory().resident_bytes; });
  metrics.gauge("process_virtual_memory_bytes", "Virtual memory", "",
                [] { return memory().virtual_bytes; });
  metrics.gauge("process_virtual_memory_max_bytes", "Most virtual memory that it may have", "",
                [] { return limit_of(RLIMIT_AS); });
  metrics.gauge("process_cpu_seconds_total", "CPU time used, user and system", "", cpu_seconds);
  metrics.gauge("process_open_fds", "Open file descriptors", "", open_files);
  metrics.gauge("process_max_fds", "Most open file descriptors", "",
                [] { return limit_of(RLIMIT_NOFILE); });
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  metrics.gauge("process_start_time_seconds", "When it was started, since 1970", "",
                [seconds = std::chrono::duration<double>(now).count()] { return seconds; });
}

}  // namespace livedata::server::native
