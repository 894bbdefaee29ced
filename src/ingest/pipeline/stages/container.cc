#include "ingest/pipeline/container_line.h"
#include "ingest/pipeline/json_text.h"
#include "ingest/pipeline/stages/factories.h"
#include "ingest/pipeline/time/format.h"
#include "ingest/values/field_name.h"
#include "ingest/values/json.h"

namespace livedata::ingest::pipeline {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

constexpr std::string_view kStream = "stream";
constexpr std::string_view kPartial = "partial";

/// The runtime's time becomes the record's; one that can't is kept in the field `time`.
StageOutcome set_time(std::string_view text, PipelineRecord& record, const PipelineRun& run) {
  static const TimeFormat kFormat = TimeFormat::of("RFC3339");
  const auto time = kFormat.read(text, {}, run.now());
  const std::string_view problem = time ? run.problem_with(*time) : "the time can't be read";
  if (time && problem.empty()) {
    record.set_timestamp(*time);
    return StageOutcome::done();
  }
  if (!text.empty()) record.set_field("time", text);
  return StageOutcome::failed(problem);
}

class CriStage final : public Stage {
 public:
  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    const auto line = parse_cri_line(record.line());
    if (!line) return StageOutcome::failed("it is no line of a container runtime");
    if (!record.set_field(kStream, line->stream)) return StageOutcome::failed(kTooManyFields);
    // A part whose other parts did not come.
    if (line->is_partial) record.set_field(kPartial, true);
    record.set_line(line->text);
    return set_time(line->time, record, run);
  }
};

class DockerStage final : public Stage {
 public:
  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    yyjson_val* root = read_json_object(record.line(), run);
    yyjson_val* log = yyjson_obj_get(root, "log");
    if (!yyjson_is_str(log)) return StageOutcome::failed("it is no line of Docker's json-file");
    std::string_view text = json_string(log);
    const bool is_partial = !text.ends_with('\n');
    if (!is_partial) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    yyjson_val* stream = yyjson_obj_get(root, "stream");
    bool all_fit = !yyjson_is_str(stream) || record.set_field(kStream, json_string(stream));
    all_fit = add_attributes(yyjson_obj_get(root, "attrs"), record, run) && all_fit;
    if (is_partial) record.set_field(kPartial, true);
    record.set_line(text);
    yyjson_val* time = yyjson_obj_get(root, "time");
    const StageOutcome outcome =
        set_time(yyjson_is_str(time) ? json_string(time) : std::string_view(), record, run);
    return all_fit ? outcome : StageOutcome::failed(kTooManyFields);
  }

 private:
  /// What --log-opt labels and env add.
  static bool add_attributes(yyjson_val* attributes, PipelineRecord& record, PipelineRun& run) {
    yyjson_obj_iter members = yyjson_obj_iter_with(attributes);
    while (yyjson_val* key = yyjson_obj_iter_next(&members)) {
      yyjson_val* value = yyjson_obj_iter_get_val(key);
      if (!yyjson_is_str(value)) continue;
      const std::string_view name = field_name(json_string(key), run.arena());
      if (!record.set_field(name, json_string(value))) return false;
    }
    return true;
  }
};

}  // namespace

std::unique_ptr<Stage> make_cri(Options&) { return std::make_unique<CriStage>(); }
std::unique_ptr<Stage> make_docker(Options&) { return std::make_unique<DockerStage>(); }

}  // namespace livedata::ingest::pipeline
