#include "ingest/pipeline/line_template.h"

#include <array>

#include "ingest/pipeline/source_text.h"
#include "model/labels.h"

namespace livedata::ingest::pipeline {
namespace {

constexpr std::string_view kLine = "line";
constexpr std::size_t kMaxParts = 64;

std::string_view value_of(std::string_view name, const PipelineRecord& record, TextArena& arena) {
  if (const Field* field = record.find_field(name)) return text_of(field->value, arena);
  if (name == kLine) return record.line();
  return record.label(name);
}

}  // namespace

Result<LineTemplate> LineTemplate::make(std::string_view text) {
  LineTemplate out;
  const auto literal = [&out](char c) {
    if (out.parts_.empty() || out.parts_.back().is_name) out.parts_.push_back({});
    out.parts_.back().text += c;
  };
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if ((c == '{' || c == '}') && text.starts_with(c)) {
      literal(c);
      text.remove_prefix(1);
    } else if (c == '{') {
      const std::string_view name = text.substr(0, text.find('}'));
      if (name.size() == text.size() || !is_label_name(name)) {
        return fail(ErrorCode::kInvalidArgument,
                    "'{{{}' is no place for a field, such as {{message}}; a brace is written {{{{",
                    name.substr(0, 40));
      }
      out.parts_.push_back({std::string(name), true});
      text.remove_prefix(name.size() + 1);
    } else {
      literal(c);
    }
  }
  if (out.parts_.size() > kMaxParts)
    return fail(ErrorCode::kInvalidArgument, "the template has more than {} parts", kMaxParts);
  return out;
}

std::optional<std::string_view> LineTemplate::write(const PipelineRecord& record,
                                                    PipelineRun& run) const {
  // Numbers are written into the arena, so all values are had before room for the line is taken.
  std::array<std::string_view, kMaxParts> values;
  std::size_t size = 0;
  bool has_names = false;
  bool has_values = false;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    values.at(i) = part.is_name ? value_of(part.text, record, run.arena()) : part.text;
    size += values.at(i).size();
    has_names = has_names || part.is_name;
    has_values = has_values || (part.is_name && !values.at(i).empty());
  }
  // A line that could not be parsed must not be replaced by punctuation.
  if (has_names && !has_values) return std::nullopt;
  char* const begin = run.arena().reserve(size);
  char* out = begin;
  for (std::size_t i = 0; i < parts_.size(); ++i)
    out += values.at(i).copy(out, values.at(i).size());
  return run.arena().commit(size);
}

}  // namespace livedata::ingest::pipeline
