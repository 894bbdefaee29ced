#include <cstdio>
#include <memory>
#include <string>

#include <fmt/core.h>

#include "base/clock.h"
#include "base/time_format.h"
#include "cli/around_output.h"
#include "cli/around_time.h"
#include "cli/commands.h"
#include "cli/data_folder.h"
#include "cli/server_answer.h"
#include "server/api/native/around_answer.h"
#include "server/api/native/around_routes.h"
#include "server/http/client.h"

namespace livedata::cli {
namespace {

struct AroundFlags {
  std::string host;
  std::string time;
  std::string window = "5m";
  std::string since = "1h";
  std::string pid;
  std::string process;
  std::string unit;
  std::string lines = "40";
  std::string address = "http://127.0.0.1:3100";
  std::string data_folder;
  std::string output = "text";
};

/// Path and query string of the question.
Result<std::string> to_request(const AroundFlags& flags, TimestampNs now) {
  std::string out;
  const auto add = [&out](const char* name, std::string_view value) {
    if (value.empty()) return;
    out += fmt::format("{}{}={}", out.empty() ? "?" : "&", name, server::percent_encode(value));
  };
  add("host", flags.host);
  if (flags.time.empty()) {
    add("since", flags.since);
    return (flags.host.empty() ? "/api/v1/hosts" : "/api/v1/spikes") + out;
  }
  LIVEDATA_TRY(const TimestampNs time, parse_when(flags.time, now));
  add("time", format_rfc3339(time));
  add("window", flags.window);
  add("pid", flags.pid);
  add("process", flags.process);
  add("unit", flags.unit);
  add("lines", flags.lines);
  add("events", "10");
  return "/api/v1/around" + out;
}

/// Reads a data folder itself.
Result<std::string> ask_folder(const AroundFlags& flags, const std::string& request) {
  const SystemClock clock;
  const Limits limits;
  LIVEDATA_TRY(const auto store, open_data_folder(flags.data_folder));
  ThreadPool pool("ld-query", std::max(1U, std::thread::hardware_concurrency()) - 1, 64);
  const query::logql::Engine engine(*store, pool, limits, clock);
  const TenantId tenant = TenantId::single();
  const Deadline deadline;
  return server::native::answer_about_hosts({*store, engine, tenant, deadline}, request,
                                            clock.now(), limits);
}

Result<std::string> show(const AroundFlags& flags, std::string_view json, TimestampNs now) {
  if (flags.output == "json") return std::string(json) + "\n";
  if (!flags.time.empty()) return show_around(json, now);
  return flags.host.empty() ? show_hosts(json) : show_spikes(json, flags.host, now);
}

Result<std::string> answer(const AroundFlags& flags) {
  const TimestampNs now = SystemClock().now();
  LIVEDATA_TRY(const std::string request, to_request(flags, now));
  LIVEDATA_TRY(const std::string json, flags.data_folder.empty()
                                           ? ask_server(flags.address, request)
                                           : ask_folder(flags, request));
  return show(flags, json, now);
}

int run_around(const AroundFlags& flags) {
  const auto text = answer(flags);
  if (!text) {
    fmt::print(stderr, "livedata around: {}\n", text.error().message);
    return exit_code(text.error().code);
  }
  std::fwrite(text->data(), 1, text->size(), stdout);
  return 0;
}

}  // namespace

void add_around(CLI::App& app, std::function<int()>& run) {
  const auto flags = std::make_shared<AroundFlags>();
  CLI::App* command = app.add_subcommand(
      "around", "Show what was on a host at an instant: metrics, processes, events and logs");
  command->footer(
      "Without TIME: what moved farthest from what is usual. Without HOST: which hosts there are.\n"
      "Example: livedata around web1 14:32:05 --process nginx");
  command->add_option("host", flags->host, "Host, as its label says, with or without its domain");
  command->add_option("time", flags->time,
                      "now, 10m (ago), 14:32:05 (local time), RFC 3339, seconds since 1970");
  command->add_option("--window", flags->window,
                      "Time that is looked at, half of it before TIME (default 5m)");
  command->add_option("--since", flags->since, "How far back to look for what moved (default 1h)");
  command->add_option("--pid", flags->pid, "Only this process, and lines that it wrote");
  command->add_option("--process", flags->process, "Only processes of this name");
  command->add_option("--unit", flags->unit, "Only this systemd unit, such as nginx.service");
  command->add_option("--lines", flags->lines, "Most log lines (default 40)");
  auto* address = command->add_option("--addr", flags->address,
                                      "Server to ask (default http://127.0.0.1:3100)");
  command->add_option("--data", flags->data_folder, "Data folder to read without a server")
      ->excludes(address);
  command->add_option("-o,--output", flags->output, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  command->callback([&run, flags] { run = [flags] { return run_around(*flags); }; });
}

}  // namespace livedata::cli
