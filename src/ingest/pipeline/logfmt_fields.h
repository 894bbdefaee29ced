#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/pipeline/record.h"
#include "ingest/pipeline/run.h"
#include "ingest/pipeline/stage.h"
#include "ingest/pipeline/value_types.h"

namespace livedata::ingest::pipeline {

/// Reads key=value pairs one by one. Values in double quotes may hold the escapes of JSON; what is
/// no pair is read over.
class LogfmtScanner {
 public:
  explicit LogfmtScanner(std::string_view text) : rest_(text) {}

  /// The next pair with a value. False at the end.
  bool next();

  [[nodiscard]] std::string_view key() const { return key_; }
  /// As it stands in the text; of a quoted one without the quotes.
  [[nodiscard]] std::string_view raw() const { return raw_; }
  /// Without escapes; in the arena if it had any.
  [[nodiscard]] std::string_view value(TextArena& arena) const;
  /// Words that were no pair so far.
  [[nodiscard]] std::size_t num_others() const { return num_others_; }

 private:
  bool read_value();

  std::string_view rest_;
  std::string_view key_;
  std::string_view raw_;
  bool has_escapes_ = false;
  std::size_t num_others_ = 0;
};

/// Makes fields of the pairs: of all, or of the chosen ones (field, key).
StageOutcome add_logfmt_fields(std::string_view text,
                               const std::vector<std::pair<std::string, std::string>>& chosen,
                               const FieldTypes* types, PipelineRecord& record, PipelineRun& run);

/// Whether most of a line is pairs, at least two of them.
bool looks_like_logfmt(std::string_view text);

}  // namespace livedata::ingest::pipeline
