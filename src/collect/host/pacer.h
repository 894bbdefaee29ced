#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace livedata::collect::host {

/// Decides when each of several tasks runs. Each has an interval of its own; when all together
/// would take more than the budget, a share of one core's time, those that take most run less
/// often. Not thread-safe.
class Pacer {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::nanoseconds;

  struct Task {
    std::string name;
    Duration interval{};        ///< as configured
    Duration paced_interval{};  ///< as it runs now; never shorter
    double cost_seconds = 0;    ///< CPU time of a run, averaged over the last few
    double total_seconds = 0;   ///< CPU time in all
    std::uint64_t runs = 0;
    std::uint64_t skipped = 0;  ///< runs that were left out because of the budget

   private:
    friend class Pacer;
    Time due_;
    Time next_;
  };

  /// The longest that a task is slowed down to.
  static constexpr Duration kLongest = std::chrono::minutes(5);

  explicit Pacer(double budget) : budget_(budget) {}

  /// Tasks are numbered as they are added.
  void add(std::string name, Duration interval);
  /// Whether task `i` is to run. At first all are; a second later again, since rates need two
  /// readings; then each at its interval, tasks of equal intervals spread over it.
  bool is_due(std::size_t i, Time now);
  /// What a run took.
  void ran(std::size_t i, double cpu_seconds);
  /// CPU time that goes along with the tasks and is none of them, such as of storing.
  void set_overhead(double share_of_core) { overhead_ = share_of_core; }
  [[nodiscard]] const std::vector<Task>& tasks() const { return tasks_; }

 private:
  void pace();

  double budget_;
  double overhead_ = 0;
  std::vector<Task> tasks_;
};

}  // namespace livedata::collect::host
