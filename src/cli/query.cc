#include <cstdio>
#include <memory>
#include <string>

#include <fmt/core.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/query_output.h"
#include "model/limits.h"
#include "query/logql/engine.h"
#include "server/api/loki/answer.h"
#include "server/api/parameters.h"
#include "server/http/client.h"
#include "storage/store.h"

namespace livedata::cli {
namespace {

struct QueryFlags {
  std::string query;
  std::string address = "http://127.0.0.1:3100";
  std::string data_folder;
  std::string since = "1h";
  std::string from;
  std::string to;
  std::string limit = "100";
  std::string direction = "backward";
  std::string step;
  std::string output = "text";
};

std::string to_query_string(const QueryFlags& flags) {
  std::string out = "query=" + server::percent_encode(flags.query);
  const auto add = [&out](const char* name, const std::string& value) {
    if (!value.empty()) out += fmt::format("&{}={}", name, server::percent_encode(value));
  };
  add("start", flags.from);
  add("end", flags.to);
  add("since", flags.since);
  add("limit", flags.limit);
  add("direction", flags.direction);
  add("step", flags.step);
  return out;
}

Result<std::string> ask_server(const QueryFlags& flags) {
  LIVEDATA_TRY(const server::ClientResponse response,
               server::http_request(flags.address, "GET",
                                    "/loki/api/v1/query_range?" + to_query_string(flags), "", ""));
  if (response.status == 200) return response.body;
  std::string message = response.body;
  while (message.ends_with('\n')) message.pop_back();
  return fail(response.status == 400 ? ErrorCode::kInvalidArgument : ErrorCode::kUnavailable, "{}",
              message);
}

/// Reads a data folder itself; a running server's folder is read as of now.
Result<std::string> ask_folder(const QueryFlags& flags) {
  PosixFileSystem files;
  const SystemClock clock;
  Logger logger(clock, LogLevel::kWarn);
  MetricRegistry metrics;
  const Limits limits;
  storage::StoreOptions options;
  options.data_folder = flags.data_folder;
  LIVEDATA_TRY(const auto store, storage::Store::open(options, storage::OpenMode::kReadOnly, files,
                                                      clock, logger, metrics));
  ThreadPool pool("ld-query", std::max(1U, std::thread::hardware_concurrency()) - 1, 64);
  const query::logql::Engine engine(*store, pool, limits, clock);
  const auto parameters = server::Parameters::parse(to_query_string(flags));
  LIVEDATA_TRY(const auto query, server::parse_range_query(parameters, clock.now(), limits));
  LIVEDATA_TRY(const auto answer, engine.range(TenantId::single(), query, Deadline()));
  return server::loki::encode_answer(answer, server::loki::LabelForm::kFolded);
}

int run_query(const QueryFlags& flags) {
  auto answer = flags.data_folder.empty() ? ask_server(flags) : ask_folder(flags);
  Result<std::string> text = answer ? format_answer(*answer, flags.output) : std::move(answer);
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
  CLI::App* command =
      app.add_subcommand("query", "Run a LogQL query on a running livedata, or on a data folder");
  command->footer("Example: livedata query '{service_name=~\".+\"} |= \"error\"' --since 15m");
  command
      ->add_option("query", flags->query, "LogQL, such as '{service_name=\"sshd\"} |= \"Failed\"'")
      ->required();
  auto* address = command->add_option("--addr", flags->address,
                                      "Server to ask (default http://127.0.0.1:3100)");
  command->add_option("--data", flags->data_folder, "Data folder to read without a server")
      ->excludes(address);
  command->add_option("--since", flags->since, "How far back from the end (default 1h)");
  command->add_option("--from", flags->from, "Start: RFC 3339 or seconds since 1970");
  command->add_option("--to", flags->to, "End (default now)");
  command->add_option("--limit", flags->limit, "Most lines (default 100)");
  command->add_option("--direction", flags->direction,
                      "backward (newest) or forward (oldest) lines first taken");
  command->add_option("--step", flags->step, "Resolution of a metric query, such as 1m");
  command->add_option("-o,--output", flags->output, "text, json, csv or logfmt")
      ->check(CLI::IsMember({"text", "json", "csv", "logfmt"}));
  command->callback([&run, flags] { run = [flags] { return run_query(*flags); }; });
}

}  // namespace livedata::cli
