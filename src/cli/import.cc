#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/time_format.h"
#include "cli/commands.h"
#include "cli/import_files.h"
#include "cli/import_state.h"
#include "cli/loki_pages.h"
#include "cli/push_flags.h"
#include "collect/journal_file.h"
#include "model/limits.h"

namespace livedata::cli {
namespace {

constexpr std::size_t kBatchEntries = 5000;
constexpr std::size_t kBatchBytes = 1_MiB;

struct LokiFlags {
  PushFlags to;
  std::string url;
  std::string source_tenant;
  std::vector<std::string> headers;
  std::string query;
  std::string from;
  std::string until;
  std::string window = "1d";
  std::string resume;
  std::size_t page = 5000;
};

struct JournalFlags {
  PushFlags to;
  std::vector<std::string> files;
  std::string resume;
};

/// RFC 3339, seconds or nanoseconds since 1970, or a duration before now.
Result<TimestampNs> parse_time(std::string_view text, TimestampNs now) {
  if (auto time = parse_rfc3339(text)) return *time;
  if (auto age = parse_duration(text); age && *age > 0) return now - *age;
  constexpr std::size_t kSecondsDigits = 10;
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos &&
      text.size() <= 19) {
    const std::int64_t number = std::strtoll(std::string(text).c_str(), nullptr, 10);
    return text.size() <= kSecondsDigits ? number * kNsPerSecond : number;
  }
  return fail(
      ErrorCode::kInvalidArgument,
      "'{}' is not a time such as 2026-01-02T03:04:05Z, or a duration before now such as 7d", text);
}

Result<std::vector<std::pair<std::string, std::string>>> parse_headers(const LokiFlags& flags) {
  std::vector<std::pair<std::string, std::string>> headers = {
      {"X-Loki-Response-Encoding-Flags", "categorize-labels"}};
  if (!flags.source_tenant.empty()) headers.emplace_back("X-Scope-OrgID", flags.source_tenant);
  for (const std::string& header : flags.headers) {
    const std::size_t colon = header.find(':');
    // Headers may be passwords: what is wrong with them is not repeated.
    if (colon == std::string::npos || header.find_first_of("\r\n") != std::string::npos)
      return fail(ErrorCode::kInvalidArgument, "a --header is not of the form NAME:VALUE");
    const std::size_t value = header.find_first_not_of(' ', colon + 1);
    headers.emplace_back(header.substr(0, colon),
                         value == std::string::npos ? "" : header.substr(value));
  }
  return headers;
}

/// Asks the server that is imported from for one page.
LokiPages::Fetch make_fetch(const LokiFlags& flags, RetryingClient source,
                            std::vector<std::pair<std::string, std::string>> headers) {
  const auto client = std::make_shared<RetryingClient>(std::move(source));
  return [client, headers = std::move(headers), query = server::percent_encode(flags.query)](
             TimestampNs start, TimestampNs end, std::size_t limit) -> Result<std::string> {
    LIVEDATA_TRY(auto response,
                 client->send({.target = fmt::format("/loki/api/v1/query_range?query={}&start={}&"
                                                     "end={}&limit={}&direction=forward",
                                                     query, start, end, limit),
                               .headers = headers}));
    if (response.status == 200) return std::move(response.body);
    return fail(response.status == 400 ? ErrorCode::kInvalidArgument : ErrorCode::kUnavailable,
                "{} answers {}: {}", client->address(), response.status, answer_text(response));
  };
}

Result<LokiPages::Options> page_options(const LokiFlags& flags, const ImportState& state) {
  const TimestampNs now = SystemClock().now();
  LokiPages::Options options;
  LIVEDATA_TRY(options.from.time, parse_time(flags.from, now));
  options.to = now;
  if (!flags.until.empty()) {
    LIVEDATA_TRY(options.to, parse_time(flags.until, now));
  }
  LIVEDATA_TRY(options.window, parse_duration(flags.window));
  options.limit = flags.page;
  if (options.window <= 0 || options.limit == 0)
    return fail(ErrorCode::kInvalidArgument, "--window and --page-size must be more than nothing");
  if (!state.position().empty()) {
    const auto position = parse_position(state.position());
    if (!position) return fail(ErrorCode::kCorrupt, "{} is damaged; remove it", flags.resume);
    options.from = *position;
  }
  return options;
}

Result<PushClient> import_loki(const LokiFlags& flags) {
  PosixFileSystem files;
  ProgressLine progress;
  LIVEDATA_TRY(PushClient client, flags.to.client(progress));
  LIVEDATA_TRY(ImportState state,
               ImportState::load(
                   flags.resume,
                   fmt::format("{} {} {}", flags.url, flags.source_tenant, flags.query), files));
  LIVEDATA_TRY(const LokiPages::Options options, page_options(flags, state));
  LIVEDATA_TRY(auto headers, parse_headers(flags));
  RetryingClient source(
      {.address = flags.url,
       .on_wait = [&progress](const std::string& why) { progress.note(why + "; waiting"); },
       .sleep = {}});
  LokiPages pages(options, make_fetch(flags, std::move(source), std::move(headers)));
  const auto whole = static_cast<double>(std::max<TimestampNs>(options.to - options.from.time, 1));
  for (;;) {
    LIVEDATA_TRY(const std::optional<RecordBatch> batch, pages.next());
    if (!batch) break;
    LIVEDATA_RETURN_IF_ERROR(client.push(*batch));
    LIVEDATA_RETURN_IF_ERROR(state.save(format_position(pages.position())));
    progress.update(
        {.what = format_rfc3339(pages.position().time),
         .share = static_cast<double>(pages.position().time - options.from.time) / whole,
         .records = client.stored()});
  }
  return client;
}

Result<PushClient> import_journal(const JournalFlags& flags) {
  PosixFileSystem files;
  ProgressLine progress;
  const SystemClock clock;
  const Limits limits;
  LIVEDATA_TRY(PushClient client, flags.to.client(progress));
  LIVEDATA_TRY(
      ImportState state,
      ImportState::load(flags.resume, fmt::format("{}", fmt::join(flags.files, " ")), files));
  LIVEDATA_TRY(const auto journal,
               collect::JournalFile::open(flags.files, state.position(), limits));
  for (;;) {
    const ingest::DecodeContext context{limits, clock.now()};
    ingest::RecordIntake intake(context);
    LIVEDATA_TRY(const std::size_t count, journal->read(intake, kBatchEntries, kBatchBytes));
    if (count == 0) break;
    const ingest::Decoded decoded = intake.take();
    for (const ingest::Rejection& rejection : decoded.rejected)
      client.refuse(rejection.reason, rejection.message, rejection.count);
    LIVEDATA_RETURN_IF_ERROR(client.push(decoded.batch));
    LIVEDATA_RETURN_IF_ERROR(state.save(journal->cursor()));
    progress.update({.what = "journal", .records = client.stored()});
  }
  return client;
}

int report(const Result<PushClient>& done) {
  if (!done) {
    fmt::print(stderr, "livedata import: {}\n", done.error().message);
    return exit_code(done.error().code);
  }
  const int refused = report_refusals("import", *done);
  fmt::print("{} records stored\n", done->stored());
  return refused;
}

void add_import_loki(CLI::App& parent, std::function<int()>& run) {
  const auto flags = std::make_shared<LokiFlags>();
  CLI::App* command =
      parent.add_subcommand("loki", "Copy the lines of a query from a running Loki or livedata");
  command->footer(
      "Example: livedata import loki http://loki:3100 --query '{namespace=\"shop\"}' --from 30d "
      "--resume shop.state");
  command->add_option("url", flags->url, "http://HOST[:PORT][/PATH] of the server to read")
      ->required();
  command->add_option("--query", flags->query, "LogQL, such as '{job=~\".+\"}'")->required();
  command->add_option("--from", flags->from, "Start: RFC 3339, seconds, or a duration before now")
      ->required();
  command->add_option("--to", flags->until, "End, not included (default now)");
  command->add_option("--tenant", flags->source_tenant, "Tenant to read, sent as X-Scope-OrgID");
  command->add_option("--header", flags->headers, "NAME:VALUE to send to the source");
  command->add_option("--window", flags->window, "Longest range of one query (default 1d)");
  command->add_option("--page-size", flags->page, "Lines of one query (default 5000)");
  command->add_option("--resume", flags->resume,
                      "File that keeps how far the import has come; it goes on from there");
  flags->to.add_to(*command, "--to-tenant");
  command->callback([&run, flags] { run = [flags] { return report(import_loki(*flags)); }; });
}

void add_import_journal(CLI::App& parent, std::function<int()>& run) {
  const auto flags = std::make_shared<JournalFlags>();
  CLI::App* command = parent.add_subcommand("journal", "Store the entries of journal files");
  command->footer("Example: livedata import journal /mnt/disk/var/log/journal/*/*.journal");
  command->add_option("files", flags->files, "Journal files, read as one journal")->required();
  command->add_option("--resume", flags->resume,
                      "File that keeps how far the import has come; it goes on from there");
  flags->to.add_to(*command);
  command->callback([&run, flags] { run = [flags] { return report(import_journal(*flags)); }; });
}

}  // namespace

void add_import(CLI::App& app, std::function<int()>& run) {
  CLI::App* command =
      app.add_subcommand("import", "Store exported files, or copy logs from a Loki or a journal");
  command->require_subcommand(0, 1);
  add_import_files(*command, run);
  add_import_loki(*command, run);
  add_import_journal(*command, run);
}

}  // namespace livedata::cli
