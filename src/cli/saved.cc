#include <cstdio>
#include <memory>
#include <string>

#include <fmt/core.h>
#include <yyjson.hpp>

#include "cli/client/server_request.h"
#include "cli/commands.h"
#include "cli/plain_text.h"
#include "ingest/values/json.h"
#include "server/http/client.h"
#include "server/json/json_writer.h"

namespace livedata::cli {
namespace {

namespace json = livedata_yyjson;

constexpr std::string_view kPath = "/api/v1/queries";

struct SavedFlags {
  std::string address = "http://127.0.0.1:3100";
  std::string name;
  std::string language = "logql";
  std::string query;
  std::string description;
  std::string since;
  std::string from;
  std::string to;
  std::string every;
  std::string delay;
  std::string output = "text";
};

int report(const Error& error) {
  fmt::print(stderr, "livedata saved: {}\n", error.message);
  return exit_code(error.code);
}

std::string path_of(const SavedFlags& flags, std::string_view behind = "") {
  return fmt::format("{}/{}{}", kPath, server::percent_encode(flags.name), behind);
}

/// The body of a good answer; else what the server said.
Result<std::string> send(const SavedFlags& flags, const char* method, const std::string& path,
                         std::string body = {}) {
  LIVEDATA_TRY(
      const server::ClientResponse response,
      send_to_server(flags.address, {.method = method,
                                     .target = path,
                                     .content_type = body.empty() ? "" : "application/json",
                                     .body = std::move(body)}));
  if (response.status < 300) return response.body;
  std::string message = response.body;
  while (message.ends_with('\n')) message.pop_back();
  const ErrorCode code = response.status == 404   ? ErrorCode::kNotFound
                         : response.status == 400 ? ErrorCode::kInvalidArgument
                                                  : ErrorCode::kUnavailable;
  return fail(code, "{}", message);
}

std::string text(json::yyjson_val* object, const char* key) {
  return plain_text(ingest::json_string(json::yyjson_obj_get(object, key)), 100);
}

/// "every 5m, last at ..., 3 rows", or why it fails; "" for what has no schedule.
std::string show_schedule(json::yyjson_val* query) {
  json::yyjson_val* schedule = json::yyjson_obj_get(query, "schedule");
  if (schedule == nullptr) return "";
  json::yyjson_val* status = json::yyjson_obj_get(query, "status");
  const std::string error = text(status, "error");
  if (!error.empty()) return fmt::format("every {}: {}", text(schedule, "every"), error);
  const std::string last = text(status, "last");
  return fmt::format(
      "every {}{}", text(schedule, "every"),
      last.empty() ? ""
                   : fmt::format(", last {}, {} rows", last,
                                 json::yyjson_get_uint(json::yyjson_obj_get(status, "rows"))));
}

int list(const SavedFlags& flags) {
  const auto answer = send(flags, "GET", std::string(kPath));
  if (!answer) return report(answer.error());
  if (flags.output == "json") {
    fmt::print("{}\n", *answer);
    return 0;
  }
  const auto document = ingest::parse_json(*answer);
  if (!document) return report(document.error());
  auto it = json::yyjson_arr_iter_with(
      json::yyjson_obj_get(json::yyjson_doc_get_root(document->get()), "queries"));
  while (json::yyjson_val* query = json::yyjson_arr_iter_next(&it)) {
    fmt::print("{:<24} {:<7} {:<40} {}\n", text(query, "name"), text(query, "language"),
               text(query, "query"), show_schedule(query));
  }
  return 0;
}

int save(const SavedFlags& flags) {
  server::JsonWriter body;
  body.begin_object().key("language").string(flags.language).key("query").string(flags.query);
  if (!flags.description.empty()) body.key("description").string(flags.description);
  if (!flags.since.empty()) body.key("since").string(flags.since);
  if (!flags.every.empty()) {
    body.key("schedule").begin_object().key("every").string(flags.every);
    if (!flags.delay.empty()) body.key("delay").string(flags.delay);
    body.end_object();
  }
  const auto saved = send(flags, "PUT", path_of(flags), body.end_object().take());
  if (!saved) return report(saved.error());
  fmt::print("{} is saved{}\n", flags.name,
             flags.every.empty() ? ""
                                 : fmt::format("; its answers are {{source=\"{}\"}}, and the table "
                                               "{} of SQL",
                                               flags.name, flags.name));
  return 0;
}

int show(const SavedFlags& flags) {
  const auto answer = send(flags, "GET", path_of(flags));
  if (!answer) return report(answer.error());
  fmt::print("{}\n", *answer);
  return 0;
}

int remove(const SavedFlags& flags) {
  const auto removed = send(flags, "DELETE", path_of(flags));
  return removed ? 0 : report(removed.error());
}

int run_saved(const SavedFlags& flags) {
  std::string query;
  const auto add = [&query](const char* name, const std::string& value) {
    if (value.empty()) return;
    query += fmt::format("{}{}={}", query.empty() ? "?" : "&", name, server::percent_encode(value));
  };
  add("since", flags.since);
  add("start", flags.from);
  add("end", flags.to);
  const auto answer = send(flags, "GET", path_of(flags, "/run" + query));
  if (!answer) return report(answer.error());
  std::fwrite(answer->data(), 1, answer->size(), stdout);
  return 0;
}

}  // namespace

void add_saved(CLI::App& app, std::function<int()>& run) {
  const auto flags = std::make_shared<SavedFlags>();
  CLI::App* command = app.add_subcommand("saved", "Queries with a name, and their schedules");
  command->require_subcommand(1);
  command->footer(
      "Example: livedata saved save errors_by_service --language sql --every 5m \\\n"
      "           \"SELECT service, count(*) AS n FROM logs WHERE level = 'error' GROUP BY ALL\"");
  const auto add = [&](const char* name, const char* what, int (*action)(const SavedFlags&)) {
    CLI::App* sub = command->add_subcommand(name, what);
    sub->add_option("--addr", flags->address, "Server to ask (default http://127.0.0.1:3100)");
    sub->callback([&run, flags, action] { run = [flags, action] { return action(*flags); }; });
    return sub;
  };
  CLI::App* listing = add("list", "All saved queries, and how scheduled ones are doing", list);
  listing->add_option("-o,--output", flags->output, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  CLI::App* saving = add("save", "Save a query, in place of the one of its name", save);
  saving->add_option("name", flags->name, "a-z, 0-9 and _")->required();
  saving->add_option("query", flags->query, "The query")->required();
  saving->add_option("--language", flags->language, "logql (the default), search or sql")
      ->check(CLI::IsMember({"logql", "search", "sql"}));
  saving->add_option("--description", flags->description, "What it is for");
  saving->add_option("--since", flags->since,
                     "How much time it is about (default 1h; with a schedule the time of a step)");
  saving->add_option("--every", flags->every, "Ask it so often, and record what it answers");
  saving->add_option("--delay", flags->delay, "So long after each such time (default 0s)");
  CLI::App* showing = add("show", "A query as JSON", show);
  showing->add_option("name", flags->name)->required();
  CLI::App* removing = add("remove", "Remove a query; what was recorded stays", remove);
  removing->add_option("name", flags->name)->required();
  CLI::App* running = add("run", "Run a query, and print a JSON object per row", run_saved);
  running->add_option("name", flags->name)->required();
  running->add_option("--since", flags->since, "How far back from the end");
  running->add_option("--from", flags->from, "Start: RFC 3339 or seconds since 1970");
  running->add_option("--to", flags->to, "End (default now)");
}

}  // namespace livedata::cli
