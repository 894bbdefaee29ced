#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/pipeline/pipeline.h"

namespace livedata::cli {

/// A record at one moment on its way through a pipeline, copied.
struct RecordState {
  TimestampNs timestamp = 0;
  std::string line = {};
  std::map<std::string, std::string> labels = {};
  std::map<std::string, std::string> fields = {};  ///< values as JSON

  static RecordState of(const ingest::pipeline::PipelineRecord& record);
};

/// What one stage did with a record.
struct StageTrace {
  std::string stage;
  ingest::pipeline::StageOutcome outcome;
  RecordState after;
};

/// A record's way through a pipeline.
struct RecordTrace {
  std::size_t number = 0;  ///< of its first line, from 1 on
  RecordState before;
  std::vector<StageTrace> stages;  ///< up to the one that dropped it

  [[nodiscard]] bool kept() const;
  [[nodiscard]] const RecordState& result() const {
    return stages.empty() ? before : stages.back().after;
  }
};

/// Sends a record through a pipeline, and looks at it behind every stage.
RecordTrace trace(const ingest::pipeline::Pipeline& pipeline, const Labels& labels,
                  TimestampNs timestamp, std::string_view line, ingest::pipeline::PipelineRun& run);

/// What the stages did, for a person: "+ name = value", "- name", "~ name = old -> new".
std::string describe(const RecordTrace& trace);

/// The same as one JSON object.
std::string to_json(const RecordTrace& trace);

}  // namespace livedata::cli
