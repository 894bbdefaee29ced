#include <memory>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "base/clock.h"
#include "base/time_format.h"
#include "cli/commands.h"
#include "cli/data_folder.h"
#include "cli/files/interrupt.h"
#include "cli/progress.h"
#include "cli/records/record_output.h"
#include "query/logql/engine.h"
#include "server/api/parameters.h"
#include "server/http/client.h"

namespace livedata::cli {
namespace {

struct ExportFlags {
  std::string address = "http://127.0.0.1:3100";
  std::string data_folder;
  std::string since;
  std::string from;
  std::string to;
  std::string selector;
  std::string format = "parquet";
  std::string path;
};

/// No bound where nothing is said.
Result<TimeRange> range_of(const ExportFlags& flags) {
  const TimestampNs now = SystemClock().now();
  TimeRange range{INT64_MIN, INT64_MAX};
  if (!flags.to.empty()) {
    LIVEDATA_TRY(range.end, server::parse_time(flags.to));
  }
  if (!flags.from.empty()) {
    LIVEDATA_TRY(range.start, server::parse_time(flags.from));
  } else if (!flags.since.empty()) {
    LIVEDATA_TRY(const std::int64_t since, parse_duration(flags.since));
    range.start = std::min(range.end, now) - since;
  }
  if (range.empty())
    return fail(ErrorCode::kInvalidArgument, "the export's start is not before its end");
  return range;
}

Result<std::unique_ptr<RecordStream>> open_stream(const ExportFlags& flags, const TimeRange& range,
                                                  const Deadline& deadline) {
  std::vector<LabelMatcher> matchers;
  if (!flags.selector.empty()) {
    LIVEDATA_TRY(matchers, query::logql::parse_selector(flags.selector));
  }
  if (!flags.data_folder.empty()) {
    LIVEDATA_TRY(auto store, open_data_folder(flags.data_folder));
    return stream_from_store(std::move(store), range, std::move(matchers), deadline);
  }
  std::string target = "/api/v1/records?query=" + server::percent_encode(flags.selector);
  if (range.start != INT64_MIN)
    target += "&start=" + server::percent_encode(format_rfc3339(range.start));
  if (range.end != INT64_MAX) target += "&end=" + server::percent_encode(format_rfc3339(range.end));
  return stream_from_server(flags.address, target, deadline);
}

RecordFormat format_of(const std::string& name) {
  if (name == "csv") return RecordFormat::kCsv;
  return name == "ndjson" ? RecordFormat::kNdjson : RecordFormat::kParquet;
}

Result<std::uint64_t> export_records(const ExportFlags& flags, const Deadline& deadline) {
  ProgressLine progress;
  LIVEDATA_TRY(const TimeRange range, range_of(flags));
  LIVEDATA_TRY(const auto stream, open_stream(flags, range, deadline));
  const TimestampNs end = std::min(range.end, SystemClock().now());
  const bool has_share = range.start != INT64_MIN && end > range.start;
  ProgressState state{.what = "export"};
  LIVEDATA_RETURN_IF_ERROR(
      write_records(*stream, {format_of(flags.format), flags.path}, [&](const RecordBatch& batch) {
        state.records += batch.num_rows();
        state.bytes += batch.size_bytes();
        if (has_share && !batch.empty()) {
          state.share = static_cast<double>(batch.min_timestamp() - range.start) /
                        static_cast<double>(end - range.start);
        }
        progress.update(state);
      }));
  return state.records;
}

int run_export(const ExportFlags& flags) {
  const Deadline deadline;
  const Interrupt interrupt(deadline);
  const auto done = export_records(flags, deadline);
  if (interrupt.exit_code() != 0) return interrupt.exit_code();
  if (!done) {
    fmt::print(stderr, "livedata export: {}\n", done.error().message);
    return exit_code(done.error().code);
  }
  fmt::print(stderr, "{} records exported\n", *done);
  return 0;
}

}  // namespace

void add_export(CLI::App& app, std::function<int()>& run) {
  const auto flags = std::make_shared<ExportFlags>();
  CLI::App* command = app.add_subcommand(
      "export", "Write records into Parquet, CSV or NDJSON files that livedata import reads");
  command->footer(
      "Examples: livedata export --since 7d shop.parquet --selector '{service_name=\"shop\"}'\n"
      "          livedata export --from 2026-01-01 --to 2026-02-01 january/\n"
      "          livedata export -o ndjson --since 1h - | jq .line");
  command
      ->add_option("path", flags->path,
                   "File; or a folder (which is there, or ends with /), for a file per day; or - "
                   "for standard output")
      ->required();
  auto* address = command->add_option("--addr", flags->address,
                                      "Server to ask (default http://127.0.0.1:3100)");
  command->add_option("--data", flags->data_folder, "Data folder to read without a server")
      ->excludes(address);
  auto* since =
      command->add_option("--since", flags->since, "How far back from the end (default all)");
  command->add_option("--from", flags->from, "Start: RFC 3339 or seconds since 1970")
      ->excludes(since);
  command->add_option("--to", flags->to, "End, not included (default none)");
  command->add_option("--selector", flags->selector,
                      "Streams, such as '{service_name=\"shop\"}' (default all)");
  command->add_option("-o,--output", flags->format, "parquet, csv or ndjson (default parquet)")
      ->check(CLI::IsMember({"parquet", "csv", "ndjson"}));
  command->callback([&run, flags] { run = [flags] { return run_export(*flags); }; });
}

}  // namespace livedata::cli
