#include "ingest/pipeline/record.h"

#include <algorithm>

namespace livedata::ingest::pipeline {
namespace {

// For detected_level, which every record gets, and pipeline_error.
constexpr std::size_t kReservedFields = 2;
constexpr std::size_t kReservedBytes = 1024;

}  // namespace

std::size_t PipelineRecord::size_of(const Field& field) {
  const auto* text = std::get_if<std::string_view>(&field.value);
  return field.name.size() + (text == nullptr ? sizeof(std::int64_t) : text->size());
}

void PipelineRecord::reset(const Labels& labels, TimestampNs timestamp, std::string_view line,
                           std::vector<Field>& fields) {
  labels_ = &labels;
  label_changes_.clear();
  num_labels_ = labels.size();
  timestamp_ = timestamp;
  line_ = line;
  line_bytes_before_ = line.size();
  fields_ = &fields;
  field_bytes_ = 0;
  for (const Field& field : fields) field_bytes_ += size_of(field);
}

bool PipelineRecord::set_line(std::string_view line) {
  if (line.size() > std::max(limits_.max_line_bytes, line_bytes_before_)) return false;
  line_ = line;
  return true;
}

const Field* PipelineRecord::find_field(std::string_view name) const {
  for (const Field& field : *fields_) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

bool PipelineRecord::set_field(std::string_view name, FieldValue value) {
  const auto found = std::find_if(fields_->begin(), fields_->end(),
                                  [name](const Field& field) { return field.name == name; });
  const std::size_t freed = found == fields_->end() ? 0 : size_of(*found);
  const std::size_t bytes = field_bytes_ - freed + size_of({name, value});
  if (bytes > limits_.max_fields_bytes - std::min(limits_.max_fields_bytes, kReservedBytes))
    return false;
  if (found != fields_->end()) {
    found->value = value;
  } else {
    if (fields_->size() + kReservedFields >= limits_.max_fields) return false;
    fields_->push_back({name, value});
  }
  field_bytes_ = bytes;
  return true;
}

void PipelineRecord::remove_field(std::string_view name) {
  remove_fields_if([name](const Field& field) { return field.name == name; });
}

bool PipelineRecord::rename_field(std::string_view from, std::string_view to) {
  if (from == to) return find_field(from) != nullptr;
  const Field* found = find_field(from);
  if (found == nullptr) return false;
  const FieldValue value = found->value;
  remove_field(to);
  const auto again = std::find_if(fields_->begin(), fields_->end(),
                                  [from](const Field& field) { return field.name == from; });
  again->name = to;
  field_bytes_ = field_bytes_ - from.size() + to.size();
  again->value = value;
  return true;
}

void PipelineRecord::set_error(std::string_view text) {
  remove_field(kErrorField);
  fields_->push_back({kErrorField, text});
  field_bytes_ += kErrorField.size() + text.size();
}

std::string_view PipelineRecord::label(std::string_view name) const {
  for (const LabelChange& change : label_changes_) {
    if (change.name == name) return change.value;
  }
  return labels_->get(name);
}

bool PipelineRecord::set_label(std::string_view name, std::string_view value) {
  const bool adds = !value.empty() && label(name).empty();
  const bool removes = value.empty() && !label(name).empty();
  if (value.size() > limits_.max_label_value_bytes || name.size() > limits_.max_label_name_bytes)
    return false;
  if (adds && num_labels_ >= limits_.max_label_names) return false;
  if (!adds && !removes && label(name) == value) return true;
  const auto found =
      std::find_if(label_changes_.begin(), label_changes_.end(),
                   [name](const LabelChange& change) { return change.name == name; });
  if (found == label_changes_.end()) {
    label_changes_.push_back({name, value});
  } else {
    found->value = value;
  }
  if (adds) ++num_labels_;
  if (removes) --num_labels_;
  return true;
}

Labels PipelineRecord::labels() const {
  Labels out = *labels_;
  for (const LabelChange& change : label_changes_) out.set(change.name, change.value);
  return out;
}

FieldText::FieldText(const FieldValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    view_ = *text;
  } else {
    own_ = to_string(value);
    view_ = own_;
  }
}

}  // namespace livedata::ingest::pipeline
