#include "ingest/pipeline/captures.h"

#include <array>

#include <re2/re2.h>

namespace livedata::ingest::pipeline {
CaptureRegex::Match CaptureRegex::run(std::string_view text, PipelineRecord& record) const {
  std::array<re2::StringPiece, kMaxGroups + 1> parts;
  const int count = regex_->NumberOfCapturingGroups() + 1;
  if (!regex_->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(),
                     re2::RE2::UNANCHORED, parts.data(), count)) {
    return Match::kNo;
  }
  bool all_fit = true;
  for (const Group& group : groups_) {
    const re2::StringPiece& part = parts.at(static_cast<std::size_t>(group.index));
    if (part.data() == nullptr) continue;
    const FieldValue value = typed({part.data(), part.size()}, group.type);
    all_fit = record.set_field(group.field, value) && all_fit;
  }
  return all_fit ? Match::kYes : Match::kNotAllFit;
}

}  // namespace livedata::ingest::pipeline
