#include <cstdio>
#include <memory>
#include <string>

#include <fmt/core.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/data_folder.h"
#include "cli/query_files.h"
#include "cli/query_output.h"
#include "cli/server_answer.h"
#include "model/limits.h"
#include "query/logql/engine.h"
#include "server/api/loki/answer.h"
#include "server/api/parameters.h"
#include "server/http/client.h"

namespace livedata::cli {
namespace {

struct QueryFlags {
  std::string query;
  std::string address = "http://127.0.0.1:3100";
  std::string data_folder;
  std::string since;
  std::string from;
  std::string to;
  std::string limit;
  std::string direction;
  std::string step;
  std::string output;
  std::vector<std::string> files;  ///< read instead of a server
};

std::string to_query_string(const QueryFlags& flags) {
  std::string out = "query=" + server::percent_encode(flags.query);
  const auto add = [&out](const char* name, const std::string& value) {
    if (!value.empty()) out += fmt::format("&{}={}", name, server::percent_encode(value));
  };
  add("start", flags.from);
  add("end", flags.to);
  add("since", flags.since.empty() ? "1h" : flags.since);
  add("limit", flags.limit);
  add("direction", flags.direction);
  add("step", flags.step);
  return out;
}

/// Reads a data folder itself; a running server's folder is read as of now.
Result<std::string> ask_folder(const QueryFlags& flags) {
  const SystemClock clock;
  const Limits limits;
  LIVEDATA_TRY(const auto store, open_data_folder(flags.data_folder));
  ThreadPool pool("ld-query", std::max(1U, std::thread::hardware_concurrency()) - 1, 64);
  const query::logql::Engine engine(*store, pool, limits, clock);
  const auto parameters = server::Parameters::parse(to_query_string(flags));
  LIVEDATA_TRY(const auto query, server::parse_range_query(parameters, clock.now(), limits));
  LIVEDATA_TRY(const auto answer, engine.range(TenantId::single(), query, Deadline()));
  return server::loki::encode_answer(answer, server::loki::LabelForm::kFolded);
}

int run_query(const QueryFlags& flags) {
  if (!flags.files.empty()) {
    return query_files({.text = flags.query,
                        .files = flags.files,
                        .since = flags.since,
                        .from = flags.from,
                        .to = flags.to,
                        .step = flags.step,
                        .limit = flags.limit,
                        .direction = flags.direction,
                        .output = flags.output});
  }
  auto answer =
      flags.data_folder.empty()
          ? ask_server(flags.address, "/loki/api/v1/query_range?" + to_query_string(flags))
          : ask_folder(flags);
  Result<std::string> text =
      answer ? format_answer(*answer, flags.output.empty() ? "text" : flags.output)
             : std::move(answer);
  if (!text) {
    fmt::print(stderr, "livedata query: {}\n", text.error().message);
    return exit_code(text.error().code);
  }
  std::fwrite(text->data(), 1, text->size(), stdout);
  return 0;
}

}  // namespace

void add_query(CLI::App& app, std::function<int()>& run) {
  const auto flags = std::make_shared<QueryFlags>();
  CLI::App* command = app.add_subcommand(
      "query", "Run a LogQL query on a running livedata, a data folder, or log files");
  command->footer(
      "Examples: livedata query '{service_name=~\".+\"} |= \"error\"' --since 15m\n"
      "          livedata query '|= \"error\"' app.log old/app.log.*.gz    (no selector: all "
      "lines)\n"
      "          kubectl logs web | livedata query '| json | status >= 500' -");
  command
      ->add_option("query", flags->query, "LogQL, such as '{service_name=\"sshd\"} |= \"Failed\"'")
      ->required();
  auto* files = command->add_option(
      "files", flags->files,
      "Log files or folders to read instead of a server, also .gz and .zst; - is standard input");
  auto* address = command->add_option("--addr", flags->address,
                                      "Server to ask (default http://127.0.0.1:3100)");
  command->add_option("--data", flags->data_folder, "Data folder to read without a server")
      ->excludes(address)
      ->excludes(files);
  command->add_option("--since", flags->since,
                      "How far back from the end (default 1h; of files all)");
  command->add_option("--from", flags->from, "Start: RFC 3339 or seconds since 1970");
  command->add_option("--to", flags->to, "End (default now)");
  command->add_option("--limit", flags->limit, "Most lines (default 100; of files all)");
  command->add_option(
      "--direction", flags->direction,
      "backward (newest) or forward (oldest) lines first taken; of files as they stand there");
  command->add_option("--step", flags->step, "Resolution of a metric query, such as 1m");
  command
      ->add_option("-o,--output", flags->output,
                   "text, json, csv, logfmt, or lines (default text; lines of files)")
      ->check(CLI::IsMember({"text", "json", "csv", "logfmt", "lines"}));
  command->callback([&run, flags] { run = [flags] { return run_query(*flags); }; });
}

}  // namespace livedata::cli
