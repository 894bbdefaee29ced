#include "cli/query_files.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <optional>
#include <string_view>
#include <thread>

#include <fmt/core.h>

#include "base/clock.h"
#include "cli/files/file_records.h"
#include "cli/files/interrupt.h"
#include "cli/files/named_files.h"
#include "cli/files/scratch_store.h"
#include "cli/query_output.h"
#include "model/limits.h"
#include "query/logql/engine.h"
#include "server/api/loki/answer.h"
#include "server/api/parameters.h"

namespace livedata::cli {
namespace {

constexpr std::string_view kAllLines = "{service_name=~\".+\"} ";
constexpr int kNothingFound = 1;

using query::logql::LivePipeline;

/// "line 1, col 30" as it is in the text without what was put in front of it.
std::string without_prefix(std::string message, std::size_t prefix) {
  constexpr std::string_view kPlace = "line 1, col ";
  const std::size_t at = message.find(kPlace);
  if (prefix == 0 || at == std::string::npos) return message;
  const std::size_t begin = at + kPlace.size();
  const std::size_t end = message.find_first_not_of("0123456789", begin);
  const std::size_t column = std::stoul(message.substr(begin, end - begin));
  if (column <= prefix) return message;
  return message.replace(begin, end - begin, std::to_string(column - prefix));
}

std::vector<Label> labels_of(const query::LogRow& row) {
  std::vector<Label> labels(row.stream->labels.begin(), row.stream->labels.end());
  labels.insert(labels.end(), row.metadata.begin(), row.metadata.end());
  labels.insert(labels.end(), row.parsed.begin(), row.parsed.end());
  return labels;
}

class FilesQueryRun {
 public:
  explicit FilesQueryRun(const FilesQuery& query) : query_(query), files_(files_of(query.files)) {
    const std::size_t first = query.text.find_first_not_of(" \t\n");
    const bool has_none =
        first == std::string::npos || query.text[first] == '|' || query.text[first] == '!';
    prefix_ = has_none ? kAllLines.size() : 0;
    text_ = (has_none ? std::string(kAllLines) : std::string()) + query.text;
  }

  int run() {
    auto done = ask();
    std::fflush(stdout);
    if (const int code = interrupt_.exit_code(); code != 0) return code;
    if (!done) {
      tell(without_prefix(done.error().message, prefix_));
      return exit_code(done.error().code);
    }
    if (worst_ != 0) return worst_;
    return printed_ == 0 ? kNothingFound : 0;
  }

 private:
  Result<void> ask() {
    LIVEDATA_RETURN_IF_ERROR(parse_bounds());
    auto pipeline = LivePipeline::compile(text_);
    const bool needs_all = !pipeline || query_.output == "json" || query_.direction == "backward";
    if (!needs_all) return print_lines(*pipeline);
    LIVEDATA_RETURN_IF_ERROR(query::logql::formatted(text_));  // its mistakes, before any reading
    return print_answer();
  }

  Result<void> parse_bounds() {
    const TimestampNs now = clock_.now();
    if (!query_.to.empty()) {
      LIVEDATA_TRY(range_.end, server::parse_time(query_.to));
    }
    if (!query_.from.empty()) {
      LIVEDATA_TRY(range_.start, server::parse_time(query_.from));
    }
    if (!query_.since.empty()) {
      LIVEDATA_TRY(const std::int64_t back, server::parse_seconds_or_duration(query_.since));
      range_.start = std::min(now, range_.end) - back;
    }
    is_bounded_ = !query_.to.empty() || !query_.from.empty() || !query_.since.empty();
    if (query_.limit.empty()) return {};
    const auto parameters = server::Parameters::parse("limit=" + query_.limit);
    LIVEDATA_TRY(limit_, server::parse_limit(parameters, limit_));
    return {};
  }

  /// One pass, in which every line is forgotten when it was printed.
  Result<void> print_lines(const LivePipeline& pipeline) {
    const std::string format = query_.output.empty() ? "lines" : query_.output;
    std::fputs(std::string(header_of(format)).c_str(), stdout);
    FileRecords records({.reads_times = is_bounded_ || format != "lines" || pipeline.reads_time(),
                         .needles = pipeline.needles()},
                        clock_, deadline_);
    for (const std::string& path : files_) {
      auto read = records.read(path, [&](const RecordBatch& batch) -> Result<void> {
        for (const query::LogRow& row : pipeline.apply(batch)) {
          if (range_.contains(row.timestamp)) print(row, path, format);
          if (printed_ >= limit_) return fail(ErrorCode::kCancelled, "that is enough");
        }
        std::fflush(stdout);
        return {};
      });
      if (printed_ >= limit_) return {};
      if (!read && read.error().code == ErrorCode::kCancelled) return read;
      if (!read) skip(path, read.error());
    }
    return {};
  }

  void print(const query::LogRow& row, const std::string& path, const std::string& format) {
    ++printed_;
    std::string text;
    if (format == "lines") {
      if (files_.size() > 1) text = path + ":";
      text += row.line;
      text += '\n';
    } else {
      text = format_row({row.timestamp, Labels(labels_of(row)).to_string(), row.line}, format);
    }
    std::fwrite(text.data(), 1, text.size(), stdout);
  }

  /// Over a store of all records.
  Result<void> print_answer() {
    LIVEDATA_TRY(const auto scratch, ScratchStore::make(clock_));
    FileRecords records({}, clock_, deadline_);
    LIVEDATA_RETURN_IF_ERROR(
        scratch->add(files_, records, [this](const auto& path, const auto& e) { skip(path, e); }));
    ThreadPool pool("ld-query", std::max(1U, std::thread::hardware_concurrency()) - 1, 64);
    Limits limits;
    limits.max_entries = std::numeric_limits<std::size_t>::max();
    const query::logql::Engine engine(scratch->store(), pool, limits, clock_);
    query::logql::RangeQuery query{.text = text_, .limit = limit_};
    query.start = std::max(range_.start, scratch->range().start);
    query.end = std::min(range_.end, scratch->range().end);
    if (query_.direction != "backward") query.direction = Direction::kForward;
    const auto parameters = server::Parameters::parse("step=" + query_.step);
    LIVEDATA_TRY(query.step_ns, server::parse_step(parameters, "step"));
    LIVEDATA_TRY(const auto answer, engine.range(TenantId::single(), query, deadline_));
    const std::string json = server::loki::encode_answer(answer, server::loki::LabelForm::kFolded);
    LIVEDATA_TRY(const std::string text,
                 format_answer(json, query_.output.empty() ? "text" : query_.output));
    printed_ = answer.stats.entries_returned;
    std::fwrite(text.data(), 1, text.size(), stdout);
    return {};
  }

  /// A file that can't be read costs only itself.
  void skip(const std::string& path, const Error& error) {
    tell(Error(error).with_context(path == kStdin ? "standard input" : path).message);
    worst_ = exit_code(error.code);
  }
  static void tell(const std::string& message) {
    fmt::print(stderr, "livedata query: {}\n", message);
  }

  const FilesQuery& query_;
  const std::vector<std::string> files_;
  std::string text_;
  std::size_t prefix_ = 0;  // bytes of text_ that the user did not write
  const SystemClock clock_;
  const Deadline deadline_;
  Interrupt interrupt_{deadline_};
  TimeRange range_{std::numeric_limits<TimestampNs>::min(),
                   std::numeric_limits<TimestampNs>::max()};
  bool is_bounded_ = false;
  std::size_t limit_ = std::numeric_limits<std::size_t>::max();
  std::size_t printed_ = 0;
  int worst_ = 0;
};

}  // namespace

int query_files(const FilesQuery& query) { return FilesQueryRun(query).run(); }

}  // namespace livedata::cli
