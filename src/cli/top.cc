#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include <fmt/core.h>

#include "base/time_format.h"
#include "cli/commands.h"
#include "cli/top/session.h"

namespace livedata::cli {
namespace {

struct TopFlags {
  top::Options page;
  std::string interval = "1s";
  std::string sort = "cpu";
  std::string format = "text";
  bool once = false;
};

/// Of the terminal, else of COLUMNS, else enough for most.
int page_width() {
  constexpr int kUsual = 120;
  winsize window{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0) return window.ws_col;
  const char* const columns = std::getenv("COLUMNS");  // NOLINT(concurrency-mt-unsafe)
  const long width = columns == nullptr ? 0 : std::strtol(columns, nullptr, 10);
  return width >= 40 && width <= 1000 ? static_cast<int>(width) : kUsual;
}

Result<int> show(TopFlags& flags) {
  LIVEDATA_TRY(const std::int64_t interval, parse_duration(flags.interval));
  constexpr std::int64_t kLeast = kNsPerSecond / 10;
  if (interval < kLeast || interval > 3600 * kNsPerSecond)
    return fail(ErrorCode::kInvalidArgument, "--interval is to be from 100ms to 1h, not {}",
                flags.interval);
  flags.page.interval = std::chrono::nanoseconds(interval);
  flags.page.sort = top::sort_key_of(flags.sort).value_or(top::SortKey::kCpu);
  if (flags.once) {
    LIVEDATA_TRY(const std::string page, flags.format == "json"
                                             ? top::json_page(flags.page)
                                             : top::text_page(flags.page, page_width()));
    std::fwrite(page.data(), 1, page.size(), stdout);
    return 0;
  }
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) {
    return fail(ErrorCode::kInvalidArgument,
                "the page needs a terminal; --once prints it, with --format json for programs");
  }
  return top::run_page(flags.page);
}

int run_top(TopFlags& flags) {
  const auto ended_by = show(flags);
  if (!ended_by) {
    fmt::print(stderr, "livedata top: {}\n", ended_by.error().message);
    return exit_code(ended_by.error().code);
  }
  if (*ended_by == 0) return 0;
  // As a program ends that does not catch the signal, so that its parent sees it.
  ::signal(*ended_by, SIG_DFL);
  ::raise(*ended_by);
  return 128 + *ended_by;
}

}  // namespace

void add_top(CLI::App& app, std::function<int()>& run) {
  const auto flags = std::make_shared<TopFlags>();
  CLI::App* command = app.add_subcommand(
      "top", "Show the machine and its processes, live, with their history and logs");
  command->footer(
      "Press ? for the keys. Example: livedata top --filter nginx --sort memory\n"
      "Logs, history and other machines come from a running livedata.");
  command->add_option("--server,--addr", flags->page.server,
                      "Server to ask (default http://127.0.0.1:3100)");
  command->add_option("--host", flags->page.host,
                      "Machine that the server knows (default: this one)");
  command->add_option("--interval", flags->interval, "How often it is shown anew (default 1s)");
  command->add_option("--sort", flags->sort, "cpu, memory, io, threads, pid, user, name or start")
      ->check(CLI::IsMember({"cpu", "memory", "io", "threads", "pid", "user", "name", "start"}));
  command->add_option("--filter", flags->page.filter, "Words that processes must match");
  command->add_flag("--once", flags->once, "Print one page and end");
  command->add_option("--format", flags->format, "With --once: text or json")
      ->check(CLI::IsMember({"text", "json"}));
  command->callback([&run, flags] { run = [flags] { return run_top(*flags); }; });
}

}  // namespace livedata::cli
