#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "query/diff/machine_moves.h"

namespace livedata::query::diff {
namespace {

constexpr std::size_t kMaxRows = 500'000;  // of either range

using Program = std::pair<std::string, std::string>;  // name, host
using Process = std::pair<std::string, std::string>;  // pid, start
using Processes = std::map<Program, std::set<Process>>;

Result<Processes> processes_in(const around::Context& context, const TimeRange& range) {
  Processes out;
  const auto text = [](const plan::Row& row, std::string_view name) {
    const auto value = row.find(name);
    return value ? to_string(*value) : std::string();
  };
  LIVEDATA_RETURN_IF_ERROR(context.engine.visit_rows(
      context.scope, "{source=\"process\"}", range, kMaxRows,
      [&](plan::Row& row, std::uint64_t) {
        out[{text(row, "name"), text(row, "host")}].insert(
            {text(row, "pid"), text(row, "start_time")});
      },
      context.deadline));
  return out;
}

/// How many of `these` are not among `those`.
std::size_t only_in(const std::set<Process>& these, const std::set<Process>& those) {
  return static_cast<std::size_t>(
      std::count_if(these.begin(), these.end(),
                    [&](const Process& process) { return !those.contains(process); }));
}

}  // namespace

Result<std::vector<Finding>> process_moves(const around::Context& context, const TimeRange& before,
                                           const TimeRange& after) {
  LIVEDATA_TRY(const Processes was, processes_in(context, before));
  LIVEDATA_TRY(const Processes is, processes_in(context, after));
  std::set<Program> programs;
  for (const auto& [program, processes] : was) programs.insert(program);
  for (const auto& [program, processes] : is) programs.insert(program);
  std::vector<Finding> out;
  for (const Program& program : programs) {
    const auto of = [&program](const Processes& all) {
      const auto found = all.find(program);
      return found == all.end() ? std::set<Process>() : found->second;
    };
    const std::set<Process> ran = of(was);
    const std::set<Process> runs = of(is);
    const std::size_t ended = only_in(ran, runs);
    const std::size_t started = only_in(runs, ran);
    if (ended + started == 0) continue;
    Finding finding{.kind = FindingKind::kProcess,
                    .change = started >= ended ? Change::kMore : Change::kLess,
                    .name = program.first,
                    .value = program.second,
                    .before = static_cast<double>(ended),
                    .after = static_cast<double>(started)};
    if (ran.empty()) finding.change = Change::kNew;
    if (runs.empty()) finding.change = Change::kGone;
    // A program that came or went tells more than one that comes and goes all the time.
    const bool came_or_went = ran.empty() || runs.empty();
    finding.score = (came_or_went ? 1000.0 : 1.0) / static_cast<double>(ended + started);
    out.push_back(std::move(finding));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Finding& a, const Finding& b) { return a.score > b.score; });
  return out;
}

}  // namespace livedata::query::diff
