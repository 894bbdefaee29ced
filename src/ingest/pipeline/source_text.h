#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ingest/pipeline/record.h"
#include "ingest/pipeline/run.h"
#include "ingest/pipeline/settings/options.h"

namespace livedata::ingest::pipeline {

/// What a parsing stage reads: the line, or the field that its option `from` names.
class SourceText {
 public:
  explicit SourceText(Options& options) : field_(options.name("from")) {}

  /// Nothing if there is no such field. Lives as long as the record.
  [[nodiscard]] std::optional<std::string_view> of(const PipelineRecord& record,
                                                   PipelineRun& run) const;

  static constexpr std::string_view kMissing = "there is no field to read from";

 private:
  std::string field_;
};

/// The value of a field as text; numbers are written into the arena.
std::string_view text_of(const FieldValue& value, TextArena& arena);

}  // namespace livedata::ingest::pipeline
