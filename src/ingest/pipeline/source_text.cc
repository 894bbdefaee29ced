#include "ingest/pipeline/source_text.h"

namespace livedata::ingest::pipeline {

std::string_view text_of(const FieldValue& value, TextArena& arena) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return *text;
  return arena.keep(to_string(value));
}

std::optional<std::string_view> SourceText::of(const PipelineRecord& record,
                                               PipelineRun& run) const {
  if (field_.empty()) return record.line();
  const Field* field = record.find_field(field_);
  if (field == nullptr) return std::nullopt;
  return text_of(field->value, run.arena());
}

}  // namespace livedata::ingest::pipeline
