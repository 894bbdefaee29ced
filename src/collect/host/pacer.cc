#include "collect/host/pacer.h"

#include <algorithm>

namespace livedata::collect::host {
namespace {

constexpr double kNewest = 0.2;      // weight of a run in the average
constexpr double kLeastShare = 0.2;  // of the budget, that overhead leaves to the tasks
constexpr auto kSlack = std::chrono::milliseconds(100);  // a beat that is a bit early is in time

double seconds(Pacer::Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

void Pacer::add(std::string name, Duration interval) {
  Task task;
  task.name = std::move(name);
  task.interval = task.paced_interval = interval;
  tasks_.push_back(std::move(task));
}

bool Pacer::is_due(std::size_t i, Time now) {
  constexpr auto kSecondRun = std::chrono::seconds(1);
  Task& task = tasks_[i];
  if (task.runs < 2) {
    if (task.runs == 1 && now + kSlack < task.next_) return false;
    // Number i of the tasks is i seconds behind the first, modulo its interval.
    const auto offset = std::chrono::seconds(i) % std::max<Duration>(task.interval, kSecondRun);
    task.due_ = task.next_ = now + (task.runs == 0 ? Duration(kSecondRun) : task.interval + offset);
    return true;
  }
  if (now + kSlack < task.due_) return false;
  while (task.due_ <= now + kSlack) task.due_ += task.interval;
  if (now + kSlack < task.next_) {
    ++task.skipped;
    return false;
  }
  task.next_ = now + task.paced_interval;
  return true;
}

void Pacer::ran(std::size_t i, double cpu_seconds) {
  Task& task = tasks_[i];
  ++task.runs;
  task.total_seconds += cpu_seconds;
  // The first run also finds out what there is, which is not done again.
  if (task.runs > 1) task.cost_seconds += kNewest * (cpu_seconds - task.cost_seconds);
  pace();
}

/// Tasks whose share is below an equal part of the budget keep their interval; what they leave is
/// divided among the others, equally again, until nobody else fits.
void Pacer::pace() {
  double left = std::max(budget_ * kLeastShare, budget_ - overhead_);
  std::vector<Task*> open;
  for (Task& task : tasks_) open.push_back(&task);
  const auto share = [](const Task* task) { return task->cost_seconds / seconds(task->interval); };
  std::sort(open.begin(), open.end(),
            [&](const Task* a, const Task* b) { return share(a) < share(b); });
  for (std::size_t i = 0; i < open.size(); ++i) {
    const double fair = left / static_cast<double>(open.size() - i);
    Task& task = *open[i];
    const double own = share(&task);
    const double slower = own > fair ? own / fair : 1;
    const double paced = std::min(seconds(task.interval) * slower,
                                  std::max(seconds(kLongest), seconds(task.interval)));
    task.paced_interval =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(paced));
    left -= std::min(own, fair);
  }
}

}  // namespace livedata::collect::host
