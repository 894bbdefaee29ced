#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/pipeline/record.h"
#include "ingest/pipeline/run.h"

namespace livedata::ingest::pipeline {

/// A text in which {name} stands for a field, or else a label, and {line} for the line; {{ and }}
/// are braces. Immutable and thread-safe.
class LineTemplate {
 public:
  static Result<LineTemplate> make(std::string_view text);

  /// Lives as long as the record. A value that is not there is left out; nothing if none is.
  [[nodiscard]] std::optional<std::string_view> write(const PipelineRecord& record,
                                                      PipelineRun& run) const;

 private:
  struct Part {
    std::string text;
    bool is_name = false;
  };
  std::vector<Part> parts_;
};

}  // namespace livedata::ingest::pipeline
