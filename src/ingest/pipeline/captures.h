#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/pipeline/record.h"
#include "ingest/pipeline/run.h"
#include "ingest/pipeline/value_types.h"

namespace re2 {
class RE2;
}

namespace livedata::ingest::pipeline {

/// A regex whose groups become fields. Immutable and thread-safe.
class CaptureRegex {
 public:
  struct Group {
    int index = 0;
    std::string field;
    ValueType type = ValueType::kText;
  };

  CaptureRegex(std::shared_ptr<const re2::RE2> regex, std::vector<Group> groups)
      : regex_(std::move(regex)), groups_(std::move(groups)) {}

  enum class Match { kNo, kYes, kNotAllFit };
  /// Sets the fields of the groups that took part, if the regex matches somewhere in the text.
  Match run(std::string_view text, PipelineRecord& record) const;

 private:
  std::shared_ptr<const re2::RE2> regex_;
  std::vector<Group> groups_;
};

/// So many groups a regex may have.
constexpr int kMaxGroups = 64;

}  // namespace livedata::ingest::pipeline
