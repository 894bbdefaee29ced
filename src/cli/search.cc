#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/files/interrupt.h"
#include "cli/sql_client.h"
#include "cli/sql_table.h"

namespace livedata::cli {
namespace {

struct SearchFlags {
  SqlTarget target;
  std::string query;
  std::string output = "table";
};

std::size_t terminal_width() {
  winsize size{};
  if (::isatty(STDOUT_FILENO) == 0 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

Result<void> run_once(SqlClient& client, const SearchFlags& flags) {
  const auto write = [](std::string_view bytes) {
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  };
  if (flags.output != "table") return client.run(flags.query, flags.output, write);
  LIVEDATA_TRY(const std::string answer, client.run(flags.query, "json"));
  LIVEDATA_TRY(const std::string table, format_sql_table(answer, terminal_width()));
  write(table);
  return {};
}

int run_search(const SearchFlags& flags) {
  const Deadline deadline;
  std::optional<Interrupt> interrupt;
  if (!flags.target.files.empty()) interrupt.emplace(deadline);
  auto client = make_sql_client(flags.target, deadline);
  Result<void> done = client ? run_once(**client, flags) : fail(client.error());
  if (interrupt && interrupt->exit_code() != 0) return interrupt->exit_code();
  if (done) return 0;
  fmt::print(stderr, "livedata search: {}\n", done.error().message);
  return exit_code(done.error().code);
}

}  // namespace

void add_search(CLI::App& app, std::function<int()>& run) {
  const auto flags = std::make_shared<SearchFlags>();
  flags->target.language = SqlLanguage::kSearch;
  flags->target.address = "http://127.0.0.1:3100";
  CLI::App* command = app.add_subcommand(
      "search", "Run a search with pipes on a running livedata, a data folder, or log files");
  command->footer(
      "Examples: livedata search 'error host=web* earliest=-15m | stats count by service'\n"
      "          livedata search 'status>=500 | top 5 path' access.log*");
  command->add_option("query", flags->query, "Search, such as 'error | timechart count by host'")
      ->required();
  auto* files = command->add_option("files", flags->target.files,
                                    "Log files or folders to read instead of a server, also .gz "
                                    "and .zst; - is standard input");
  auto* address = command->add_option("--addr", flags->target.address,
                                      "Server to ask (default http://127.0.0.1:3100)");
  command->add_option("--data", flags->target.data_folder, "Data folder to read without a server")
      ->excludes(address)
      ->excludes(files);
  command->add_option("--since", flags->target.since,
                      "How far back from the end (default 1h on a server, else all)");
  command->add_option("--from", flags->target.from, "Start: RFC 3339 or seconds since 1970");
  command->add_option("--to", flags->target.to, "End (default now)");
  command->add_option("--limit", flags->target.limit, "Rows at most; records come newest first");
  command->add_option("-o,--output", flags->output, "table, json, ndjson, csv, arrow or parquet")
      ->check(CLI::IsMember({"table", "json", "ndjson", "csv", "arrow", "parquet"}));
  command->add_flag("--explain", flags->target.explains,
                    "With -o json: tell the steps of the plan");
  command->callback([&run, flags] { run = [flags] { return run_search(*flags); }; });
}

}  // namespace livedata::cli
