#pragma once

#include <vector>

#include "ingest/pipeline/record.h"
#include "ingest/pipeline/settings/options.h"
#include "model/label_matcher.h"

namespace livedata::ingest::pipeline {

/// The option `match: '{status=~"2..", app="web"}'`: conditions on fields, and on labels where
/// there is no field of the name. Thread-safe.
class RecordMatcher {
 public:
  explicit RecordMatcher(Options& options) : matchers_(options.matchers("match")) {}

  [[nodiscard]] bool matches(const PipelineRecord& record) const;
  /// Whether nothing is asked for.
  [[nodiscard]] bool matches_all() const { return matchers_.empty(); }

 private:
  std::vector<LabelMatcher> matchers_;
};

}  // namespace livedata::ingest::pipeline
