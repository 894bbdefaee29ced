#include <cstdio>
#include <memory>

#include <fmt/core.h>

#include "app/application.h"
#include "base/clock.h"
#include "cli/commands.h"
#include "storage/check/store_check.h"

namespace livedata::cli {
namespace {

struct CheckFlags {
  std::string data;
  bool repair = false;
};

void print(const storage::CheckReport& report) {
  for (const storage::Finding& finding : report.findings) {
    fmt::print("{}\n  wrong:  {}\n  lost:   {}\n  {} {}\n", finding.where, finding.what,
               finding.loss.empty() ? "nothing" : finding.loss,
               finding.repaired ? "done:  " : "repair:", finding.repair);
  }
  fmt::print(
      "{} tenants, {} segments, {} blocks, {} records in segments and {} in write-ahead logs: {}\n",
      report.tenants, report.segments, report.blocks, report.rows, report.wal_rows,
      report.findings.empty() ? "all good" : fmt::format("{} problems", report.findings.size()));
}

int check(const CheckFlags& flags) {
  PosixFileSystem files;
  const SystemClock clock;
  Logger logger(clock, LogLevel::kError);
  MetricRegistry metrics;
  const std::string folder = flags.data.empty() ? default_data_folder() : flags.data;
  const auto report = storage::check_store(
      files, clock, logger, metrics, folder,
      flags.repair ? storage::CheckMode::kRepair : storage::CheckMode::kReport);
  if (!report) {
    fmt::print(stderr, "livedata: {}\n", report.error().message);
    return exit_code(report.error().code);
  }
  print(*report);
  bool all_repaired = true;
  for (const storage::Finding& finding : report->findings)
    all_repaired = all_repaired && finding.repaired;
  return all_repaired ? 0 : exit_code(ErrorCode::kCorrupt);
}

}  // namespace

void add_check(CLI::App& app, std::function<int()>& run) {
  CLI::App* command = app.add_subcommand(
      "check", "Read everything in a data folder and say what is wrong. Exit code 4: damage");
  auto flags = std::make_shared<CheckFlags>();
  command->add_option("--data", flags->data, "The data folder; default as for serve");
  command->add_flag("--repair", flags->repair,
                    "Save what can be saved; the server must not run. Damaged files are kept as "
                    "*.damaged");
  command->callback([&run, flags] { run = [flags] { return check(*flags); }; });
}

}  // namespace livedata::cli
