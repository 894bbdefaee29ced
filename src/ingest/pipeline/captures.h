#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/pipeline/record.h"
#include "ingest/pipeline/run.h"

namespace re2 {
class RE2;
}

namespace livedata::ingest::pipeline {

/// What a captured text is made into. A text that is no such value stays a text.
enum class ValueType : std::uint8_t { kText, kInteger, kNumber, kBool };

/// "string", "int", "float" or "bool".
std::optional<ValueType> value_type(std::string_view name);

/// The text as a value of the type, or as it is.
FieldValue typed(std::string_view text, ValueType type);

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

  enum class Match { kNo, kYes, kTooManyFields };
  /// Sets the fields of the groups that took part, if the regex matches somewhere in the text.
  Match run(std::string_view text, PipelineRecord& record) const;

 private:
  std::shared_ptr<const re2::RE2> regex_;
  std::vector<Group> groups_;
};

/// So many groups a regex may have.
constexpr int kMaxGroups = 64;

}  // namespace livedata::ingest::pipeline
