// What collecting this machine's metrics costs: CPU time by collector, with a number of sleeping
// processes beside it.
//
//   livedata_host_cost [PROCESSES [SECONDS [page]]]    "page": prints the Prometheus text at the
//   end
//
// The first kWarmUp seconds, in which everything is seen for the first time, are told apart.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/core.h>

#include "base/clock.h"
#include "base/logger.h"
#include "collect/host/host_metrics.h"
#include "collect/host/live_source.h"

namespace {

using namespace livedata;  // NOLINT(google-build-using-namespace): a program, not a header
using collect::host::HostMetrics;

constexpr int kWarmUp = 15;

/// Processes that sleep until they are ended.
class Sleepers {
 public:
  explicit Sleepers(int count) {
    for (int i = 0; i < count; ++i) {
      const pid_t child = ::fork();
      if (child == 0) {
        for (;;) ::pause();
      }
      if (child > 0) children_.push_back(child);
    }
  }
  ~Sleepers() {
    for (const pid_t child : children_) ::kill(child, SIGKILL);
    for (const pid_t child : children_) ::waitpid(child, nullptr, 0);
  }
  Sleepers(const Sleepers&) = delete;
  Sleepers& operator=(const Sleepers&) = delete;

 private:
  std::vector<pid_t> children_;
};

long peak_kilobytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

using Costs = std::vector<collect::host::CollectCost>;

void print_costs(const Costs& before, const Costs& after, int seconds) {
  double sum = 0;
  double warm_up = 0;
  fmt::print("{:<12} {:>6} {:>12} {:>10}\n", "collector", "runs", "us per run", "% of core");
  for (std::size_t i = 0; i < after.size(); ++i) {
    const std::uint64_t runs = after[i].runs - before[i].runs;
    const double spent = after[i].seconds - before[i].seconds;
    warm_up += before[i].seconds;
    sum += spent;
    if (runs == 0) continue;
    fmt::print("{:<12} {:>6} {:>12.0f} {:>10.4f}\n", after[i].collector, runs,
               spent / static_cast<double>(runs) * 1e6, 100 * spent / seconds);
  }
  fmt::print("{:<12} {:>6} {:>12} {:>10.4f}\n", "all", "", "", 100 * sum / seconds);
  fmt::print("the first {} s took {:.1f} ms\n", kWarmUp, warm_up * 1e3);
}

}  // namespace

int main(int argc, char** argv) {
  const int processes = argc > 1 ? std::atoi(argv[1]) : 0;
  const int seconds = argc > 2 ? std::atoi(argv[2]) : 60;
  const bool page = argc > 3 && std::string_view(argv[3]) == "page";
  const Sleepers sleepers(processes);
  const SystemClock clock;
  Logger logger(clock, page ? LogLevel::kError : LogLevel::kInfo);
  HostMetrics metrics({.host = "bench", .intervals = {}},
                      std::make_unique<collect::host::LiveSource>(), logger);
  std::size_t records = 0;
  std::size_t bytes = 0;
  Costs before;
  for (int second = 0; second < kWarmUp + seconds; ++second) {
    if (second == kWarmUp) before = metrics.costs();
    const RecordBatch batch = metrics.collect(clock.now(), clock.steady_now());
    records += batch.num_rows();
    bytes += batch.size_bytes();
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
  if (page) {
    fmt::print("{}", metrics.render());
    return 0;
  }
  print_costs(before, metrics.costs(), seconds);
  fmt::print("{} records, {} bytes of fields; {} KiB resident at most\n", records, bytes,
             peak_kilobytes());
  return 0;
}
