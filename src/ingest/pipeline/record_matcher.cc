#include "ingest/pipeline/record_matcher.h"

#include <algorithm>

namespace livedata::ingest::pipeline {

bool RecordMatcher::matches(const PipelineRecord& record) const {
  return std::all_of(matchers_.begin(), matchers_.end(), [&](const LabelMatcher& matcher) {
    const Field* field = record.find_field(matcher.name());
    return field == nullptr ? matcher.matches(record.label(matcher.name()))
                            : matcher.matches(FieldText(field->value).view());
  });
}

}  // namespace livedata::ingest::pipeline
