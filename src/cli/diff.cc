#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include <fmt/core.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/data_folder.h"
#include "cli/diff_output.h"
#include "cli/server_answer.h"
#include "model/limits.h"
#include "query/logql/engine.h"
#include "server/api/native/diff_routes.h"
#include "server/http/client.h"

namespace livedata::cli {
namespace {

struct DiffFlags {
  std::string query;
  std::string selection;
  std::string since = "15m";
  std::string from;
  std::string to;
  std::string against;
  std::string limit = "10";
  std::string address = "http://127.0.0.1:3100";
  std::string data_folder;
  std::string output = "text";
};

std::string to_query_string(const DiffFlags& flags) {
  std::string out;
  const auto add = [&out](const char* name, const std::string& value) {
    if (value.empty()) return;
    out += fmt::format("{}{}={}", out.empty() ? "" : "&", name, server::percent_encode(value));
  };
  add("query", flags.query);
  add("selection", flags.selection);
  add("start", flags.from);
  add("end", flags.to);
  add("since", flags.from.empty() ? flags.since : "");
  add("against", flags.against);
  add("limit", flags.limit);
  return out;
}

Result<std::string> ask_folder(const DiffFlags& flags) {
  const SystemClock clock;
  const Limits limits;
  LIVEDATA_TRY(const auto store, open_data_folder(flags.data_folder));
  ThreadPool pool("ld-query", std::max(1U, std::thread::hardware_concurrency()) - 1, 64);
  const query::logql::Engine engine(*store, pool, limits, clock);
  const TenantId tenant = TenantId::single();
  const Deadline deadline;
  return server::native::answer_diff({*store, engine, tenant, deadline},
                                     server::Parameters::parse(to_query_string(flags)),
                                     clock.now());
}

int run_diff(const DiffFlags& flags) {
  auto json = flags.data_folder.empty()
                  ? ask_server(flags.address, "/api/v1/diff?" + to_query_string(flags))
                  : ask_folder(flags);
  const auto text = json && flags.output == "text" ? show_diff(*json) : std::move(json);
  if (!text) {
    fmt::print(stderr, "livedata diff: {}\n", text.error().message);
    return exit_code(text.error().code);
  }
  fmt::print("{}{}", *text, text->ends_with('\n') ? "" : "\n");
  return 0;
}

}  // namespace

void add_diff(CLI::App& app, std::function<int()>& run) {
  const auto flags = std::make_shared<DiffFlags>();
  CLI::App* command = app.add_subcommand(
      "diff",
      "What is different: a time against the time before, or some records against the rest");
  command->footer(
      "Examples: livedata diff                         (the last 15 minutes, and those before)\n"
      "          livedata diff '{service_name=\"shop\"}' --since 1h --against 1d\n"
      "          livedata diff '{service_name=\"shop\"}' --selection '| json | status >= 500'");
  command->add_option("query", flags->query, "LogQL for the records (default: all)");
  command->add_option("--selection", flags->selection,
                      "LogQL stages: what passes them is compared with what does not");
  command->add_option("--since", flags->since, "How far back from the end (default 15m)");
  command->add_option("--from", flags->from, "Start: RFC 3339 or seconds since 1970");
  command->add_option("--to", flags->to, "End (default now)");
  command->add_option("--against", flags->against,
                      "Compare with the same time so much earlier, such as 1d or 1w (default: the "
                      "time directly before)");
  command->add_option("--limit", flags->limit, "Most findings of a kind (default 10)");
  auto* address = command->add_option("--addr", flags->address,
                                      "Server to ask (default http://127.0.0.1:3100)");
  command->add_option("--data", flags->data_folder, "Data folder to read without a server")
      ->excludes(address);
  command->add_option("-o,--output", flags->output, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  command->callback([&run, flags] { run = [flags] { return run_diff(*flags); }; });
}

}  // namespace livedata::cli
