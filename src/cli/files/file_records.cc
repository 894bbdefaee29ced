#include "cli/files/file_records.h"

#include <numeric>

#include "base/check.h"
#include "cli/files/line_reader.h"
#include "cli/files/named_files.h"
#include "ingest/line_clock.h"
#include "ingest/pipeline/compile.h"
#include "ingest/record_intake.h"
#include "model/service_name.h"
#include "storage/scan/needle_search.h"

namespace livedata::cli {
namespace {

constexpr std::size_t kBatchBytes = 1_MiB;
constexpr auto kIdle = std::chrono::milliseconds(50);  // of a pipe, before what came is given
constexpr std::string_view kFindFields = R"(
pipelines:
  - name: files
    stages: [auto]
)";

std::vector<Label> labels_of(const std::string& path) {
  std::vector<Label> labels = {{std::string(kServiceNameLabel), service_of(path)}};
  if (path != kStdin) labels.push_back({"filename", path});
  return labels;
}

ingest::pipeline::Pipelines field_finders() {
  auto compiled = ingest::pipeline::compile(kFindFields, "built in");
  LIVEDATA_CHECK(compiled.has_value());
  return *std::move(compiled);
}

}  // namespace

FileRecords::FileRecords(Options options, const Clock& clock, const Deadline& deadline)
    : options_(std::move(options)), clock_(clock), deadline_(deadline) {
  limits_.max_records = ~std::size_t{0};  // batches are bounded by their bytes
  if (options_.finds_fields) pipelines_ = field_finders();
}

Result<void> FileRecords::give(const std::vector<Label>& labels, Waiting& waiting,
                               const Take& take) const {
  LIVEDATA_RETURN_IF_ERROR(deadline_.check());
  const RecordBatch lines = std::exchange(waiting.lines, {});
  waiting.bytes = 0;
  std::vector<RowIndex> rows(lines.num_rows());
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  for (const std::string& needle : options_.needles)
    storage::keep_rows_with(needle, lines.lines(), rows);
  if (rows.empty()) return {};
  const ingest::DecodeContext context{
      .limits = limits_, .now = clock_.now(), .source = "file", .pipelines = &pipelines_};
  ingest::RecordIntake intake(context);
  const auto slot = intake.stream(labels);
  std::vector<Field> fields;
  for (const RowIndex row : rows) {
    fields.clear();
    intake.add(slot, lines.timestamps()[row], lines.lines()[row], fields);
  }
  return take(std::move(intake.take().batch));
}

Result<void> FileRecords::read(const std::string& path, const Take& take) {
  const std::vector<Label> labels = labels_of(path);
  const std::uint64_t bytes_before = bytes_read_;
  ingest::LineClock times(facts_of(path).changed, limits_.max_future.count());
  TimestampNs now = clock_.now();
  TimestampNs arrival = facts_of(path).changed.value_or(now);
  Waiting waiting;
  LineReader reader(limits_.max_line_bytes);
  const auto give_all = [&]() -> Result<void> {
    now = clock_.now();
    bytes_read_ = bytes_before + reader.bytes_read();
    return waiting.lines.empty() ? Result<void>() : give(labels, waiting, take);
  };
  auto read = reader.read(
      path, kIdle,
      {.line =
           [&](std::string_view line) {
             if (waiting.lines.empty()) waiting.lines.add_stream(Labels(labels));
             waiting.lines.add(0, options_.reads_times ? times.next(line, now) : arrival++, line);
             waiting.bytes += line.size();
             ++lines_read_;
             return waiting.bytes >= kBatchBytes ? give_all() : Result<void>();
           },
       .idle = [&]() -> Result<void> {
         LIVEDATA_RETURN_IF_ERROR(deadline_.check());
         return give_all();
       }});
  // What was read of a damaged file is worth having.
  if (read || read.error().code == ErrorCode::kCorrupt) LIVEDATA_RETURN_IF_ERROR(give_all());
  return read;
}

}  // namespace livedata::cli
