#include "cli/top/arrangement.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace livedata::cli::top {
namespace {

/// Deeper than any tree of processes that is meant; drawn no further to the right.
constexpr std::size_t kMaxDepth = 32;

/// Negative: a comes first, largest figures first.
int compare(const ProcessFigures& a, const ProcessFigures& b, SortKey key) {
  const auto larger = [](auto x, auto y) { return x > y ? -1 : x < y ? 1 : 0; };
  switch (key) {
    case SortKey::kCpu:
      return larger(a.cpu_percent, b.cpu_percent);
    case SortKey::kMemory:
      return larger(a.memory_bytes, b.memory_bytes);
    case SortKey::kIo:
      return larger(a.io_rate(), b.io_rate());
    case SortKey::kThreads:
      return larger(a.threads, b.threads);
    case SortKey::kPid:
      return -larger(a.pid, b.pid);
    case SortKey::kUser:
      return a.user.compare(b.user);
    case SortKey::kName:
      return a.name.compare(b.name);
    case SortKey::kStart:
      return larger(a.start_time, b.start_time);
  }
  return 0;
}

bool is_before(const ProcessFigures& a, const ProcessFigures& b, const Order& order) {
  const int by_key = compare(a, b, order.key);
  if (by_key != 0) return (by_key < 0) != order.reverse;
  const int by_memory = compare(a, b, SortKey::kMemory);
  if (by_memory != 0) return by_memory < 0;
  return a.pid != b.pid ? a.pid < b.pid : a.name < b.name;
}

void add_rate(std::optional<double>& sum, const std::optional<double>& rate) {
  if (rate) sum = sum.value_or(0) + *rate;
}

std::vector<ProcessFigures> grouped_by_name(const std::vector<ProcessFigures>& processes) {
  std::map<std::string_view, ProcessFigures> groups;
  for (const ProcessFigures& process : processes) {
    auto [entry, is_new] = groups.try_emplace(process.name);
    ProcessFigures& group = entry->second;
    if (is_new) {
      group = process;
      group.pid = 0;
      group.parent = 0;
      group.members = 1;
      continue;
    }
    ++group.members;
    group.cpu_percent += process.cpu_percent;
    group.memory_bytes += process.memory_bytes;
    group.swap_bytes += process.swap_bytes;
    group.threads += process.threads;
    group.start_time = std::min(group.start_time, process.start_time);
    if (process.state == 'R' || group.state == 'Z') group.state = process.state;
    if (process.open_files) group.open_files = group.open_files.value_or(0) + *process.open_files;
    add_rate(group.read_rate, process.read_rate);
    add_rate(group.written_rate, process.written_rate);
    if (group.user != process.user) group.user = "*";
    if (group.unit != process.unit) group.unit.clear();
    if (group.container != process.container) group.container.clear();
    if (group.command != process.command) group.command.clear();
  }
  std::vector<ProcessFigures> all;
  for (auto& [name, group] : groups) all.push_back(std::move(group));
  return all;
}

struct Candidate {
  Row row;
  FuzzyMatch::Quality quality = FuzzyMatch::kWordStart;
};

std::optional<Candidate> matched(const ProcessFigures& process, std::size_t index,
                                 const Filter& filter) {
  Candidate candidate;
  candidate.row.process = index;
  if (filter.empty()) return candidate;
  const std::string pid = process.members > 0 ? std::string() : std::to_string(process.pid);
  auto outcome = filter.match({process.name, process.command, process.user, pid, process.unit});
  if (!outcome) return std::nullopt;
  candidate.quality = outcome->quality;
  for (std::size_t i = 0; i < kMatchedTexts; ++i)
    candidate.row.places[i] = std::move(outcome->places[i]);
  return candidate;
}

/// Puts children below their parents. Those whose parent is not there are at the top.
class Tree {
 public:
  Tree(const std::vector<ProcessFigures>& processes, std::vector<Candidate> matching,
       const Order& order)
      : processes_(processes) {
    for (std::size_t i = 0; i < processes.size(); ++i) by_pid_.emplace(processes[i].pid, i);
    shown_.resize(processes.size());
    for (Candidate& candidate : matching) {
      const std::size_t index = candidate.row.process;
      shown_[index] = std::move(candidate.row);
      add_context(index);
    }
    link(order);
  }

  std::vector<Row> take() {
    for (const std::size_t root : roots_) add(root, "", "", 0);
    // What is deeper than that, and processes that are below one another.
    for (std::size_t i = 0; i < shown_.size(); ++i) add(i, "", "", 0);
    return std::move(rows_);
  }

 private:
  [[nodiscard]] std::optional<std::size_t> parent_of(std::size_t index) const {
    const auto parent = by_pid_.find(processes_[index].parent);
    if (parent == by_pid_.end() || parent->second == index) return std::nullopt;
    return parent->second;
  }

  /// Records of a far machine may be of different times: a walk up need not end at a root.
  void add_context(std::size_t index) {
    for (auto parent = parent_of(index); parent && !shown_[*parent]; parent = parent_of(*parent))
      shown_[*parent] = Row{.process = *parent, .branches = {}, .is_context = true, .places = {}};
  }

  void link(const Order& order) {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < shown_.size(); ++i) {
      if (shown_[i]) all.push_back(i);
    }
    std::sort(all.begin(), all.end(), [&](std::size_t a, std::size_t b) {
      return is_before(processes_[a], processes_[b], order);
    });
    for (const std::size_t index : all) {
      const auto parent = parent_of(index);
      if (parent && shown_[*parent]) {
        children_[*parent].push_back(index);
      } else {
        roots_.push_back(index);
      }
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxDepth
  void add(std::size_t index, const std::string& own, const std::string& below, std::size_t depth) {
    std::optional<Row> shown = std::exchange(shown_[index], std::nullopt);
    if (!shown) return;
    Row row = *std::move(shown);
    row.branches = own;
    rows_.push_back(std::move(row));
    const auto children = children_.find(index);
    if (children == children_.end() || depth >= kMaxDepth) return;
    for (std::size_t i = 0; i < children->second.size(); ++i) {
      const bool last = i + 1 == children->second.size();
      add(children->second[i], below + (last ? "└─ " : "├─ "), below + (last ? "   " : "│  "),
          depth + 1);
    }
  }

  const std::vector<ProcessFigures>& processes_;
  std::unordered_map<std::int64_t, std::size_t> by_pid_;
  std::vector<std::optional<Row>> shown_;
  std::unordered_map<std::size_t, std::vector<std::size_t>> children_;
  std::vector<std::size_t> roots_;
  std::vector<Row> rows_;
};

}  // namespace

std::string_view name_of(SortKey key) {
  for (const auto& [candidate, name] : kSortKeys) {
    if (candidate == key) return name;
  }
  return "";
}

std::optional<SortKey> sort_key_of(std::string_view name) {
  for (const auto& [key, candidate] : kSortKeys) {
    if (candidate == name) return key;
  }
  return std::nullopt;
}

Arrangement arrange(std::vector<ProcessFigures> processes, const Filter& filter,
                    const Order& order) {
  Arrangement arrangement;
  arrangement.processes = order.grouped ? grouped_by_name(processes) : std::move(processes);
  std::vector<Candidate> matching;
  for (std::size_t i = 0; i < arrangement.processes.size(); ++i) {
    if (auto candidate = matched(arrangement.processes[i], i, filter))
      matching.push_back(*std::move(candidate));
  }
  arrangement.num_matching = matching.size();
  if (order.tree && !order.grouped) {
    arrangement.rows = Tree(arrangement.processes, std::move(matching), order).take();
    return arrangement;
  }
  std::sort(matching.begin(), matching.end(), [&](const Candidate& a, const Candidate& b) {
    if (a.quality != b.quality) return a.quality > b.quality;
    return is_before(arrangement.processes[a.row.process], arrangement.processes[b.row.process],
                     order);
  });
  for (Candidate& candidate : matching) arrangement.rows.push_back(std::move(candidate.row));
  return arrangement;
}

}  // namespace livedata::cli::top
