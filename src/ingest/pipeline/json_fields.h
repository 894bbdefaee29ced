#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/pipeline/record.h"
#include "ingest/pipeline/run.h"
#include "ingest/pipeline/stage.h"

namespace livedata::ingest::pipeline {

/// Which members of a JSON object become fields, and how they are called.
struct JsonRules {
  /// One chosen member: {"http": {"status": 200}} by http.status.
  struct Chosen {
    std::string field;
    std::vector<std::string> path;
  };
  std::vector<Chosen> chosen = {};  ///< empty: all members, nested names joined by '_'
  std::string prefix = {};
  std::size_t max_depth = 8;  ///< what is nested deeper becomes JSON text
};

/// Makes fields of a JSON object's members: numbers and truth values keep their type, arrays become
/// JSON text, null is nothing. The record is unchanged where the text is no JSON object.
StageOutcome add_json_fields(std::string_view text, const JsonRules& rules, PipelineRecord& record,
                             PipelineRun& run);

}  // namespace livedata::ingest::pipeline
