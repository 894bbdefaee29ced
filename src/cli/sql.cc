#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/files/interrupt.h"
#include "cli/files/named_files.h"
#include "cli/sql_client.h"
#include "cli/sql_shell.h"
#include "cli/sql_table.h"

namespace livedata::cli {
namespace {

struct SqlFlags {
  SqlTarget target;
  std::string query;
  std::string output = "table";
};

std::size_t terminal_width() {
  winsize size{};
  if (::isatty(STDOUT_FILENO) == 0 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

Result<void> run_once(SqlClient& client, const SqlFlags& flags) {
  const auto write = [](std::string_view bytes) {
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  };
  if (flags.output != "table") return client.run(flags.query, flags.output, write);
  LIVEDATA_TRY(const std::string answer, client.run(flags.query, "json"));
  LIVEDATA_TRY(const std::string table, format_sql_table(answer, terminal_width()));
  write(table);
  return {};
}

/// What stands on stdin is a query too.
std::string read_all_of_stdin() {
  std::string text;
  char buffer[4096];
  for (std::size_t count = 0; (count = std::fread(buffer, 1, sizeof(buffer), stdin)) > 0;)
    text.append(buffer, count);
  return text;
}

int answer(SqlFlags flags, const Deadline& deadline) {
  // What is on stdin may be what is asked about.
  const bool asks_of_stdin = std::find(flags.target.files.begin(), flags.target.files.end(),
                                       kStdin) != flags.target.files.end();
  auto client = make_sql_client(flags.target, deadline);
  Result<void> done = client ? Result<void>() : fail(client.error());
  const bool is_terminal = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
  if (done && flags.query.empty() && is_terminal) return run_sql_shell(**client);
  if (done) {
    if (flags.query.empty() && !asks_of_stdin) flags.query = read_all_of_stdin();
    done = run_once(**client, flags);
  }
  if (done) return 0;
  if (!deadline.cancelled()) fmt::print(stderr, "livedata sql: {}\n", done.error().message);
  return exit_code(done.error().code);
}

int run_sql(SqlFlags flags) {
  const Deadline deadline;
  std::optional<Interrupt> interrupt;
  if (!flags.target.files.empty()) interrupt.emplace(deadline);
  const int code = answer(std::move(flags), deadline);
  return interrupt && interrupt->exit_code() != 0 ? interrupt->exit_code() : code;
}

}  // namespace

void add_sql(CLI::App& app, std::function<int()>& run) {
  const auto flags = std::make_shared<SqlFlags>();
  flags->target.address = "http://127.0.0.1:3100";
  CLI::App* command = app.add_subcommand(
      "sql", "Run an SQL query on a running livedata, a data folder, or log files");
  command->footer(
      "Examples: livedata sql 'SELECT service, count(*) FROM logs GROUP BY ALL' --since 1h\n"
      "          livedata sql 'SELECT status, count(*) FROM logs GROUP BY ALL' access.log*");
  command->add_option("query", flags->query,
                      "SQL, such as 'SELECT * FROM cpu LIMIT 10'; without it from stdin, at a "
                      "terminal line by line");
  auto* files = command->add_option("files", flags->target.files,
                                    "Log files or folders to read instead of a server, also .gz "
                                    "and .zst; - is standard input. Members of JSON, logfmt and "
                                    "access logs are columns");
  auto* address = command->add_option("--addr", flags->target.address,
                                      "Server to ask (default http://127.0.0.1:3100)");
  command->add_option("--data", flags->target.data_folder, "Data folder to read without a server")
      ->excludes(address)
      ->excludes(files);
  command->add_option("--since", flags->target.since, "How far back from the end (default all)");
  command->add_option("--from", flags->target.from, "Start: RFC 3339 or seconds since 1970");
  command->add_option("--to", flags->target.to, "End (default none)");
  command->add_option("-o,--output", flags->output, "table, json, ndjson, csv, arrow or parquet")
      ->check(CLI::IsMember({"table", "json", "ndjson", "csv", "arrow", "parquet"}));
  command->callback([&run, flags] { run = [flags] { return run_sql(*flags); }; });
}

}  // namespace livedata::cli
