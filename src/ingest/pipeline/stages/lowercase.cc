#include <algorithm>

#include "ingest/pipeline/stages/factories.h"

namespace livedata::ingest::pipeline {
namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

/// The text with small letters for A to Z; itself if it has none of these.
std::string_view lowered(std::string_view text, TextArena& arena) {
  if (std::none_of(text.begin(), text.end(), is_upper)) return text;
  char* const out = arena.reserve(text.size());
  std::transform(text.begin(), text.end(), out,
                 [](char c) { return is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c; });
  return arena.commit(text.size());
}

class LowercaseStage final : public Stage {
 public:
  LowercaseStage(std::vector<std::string> fields, std::vector<std::string> labels)
      : fields_(std::move(fields)), labels_(std::move(labels)) {}

  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    for (const std::string& name : fields_) {
      const Field* field = record.find_field(name);
      const auto* text = field == nullptr ? nullptr : std::get_if<std::string_view>(&field->value);
      if (text != nullptr) record.set_field(name, lowered(*text, run.arena()));
    }
    for (const std::string& name : labels_)
      record.set_label(name, lowered(record.label(name), run.arena()));
    return StageOutcome::done();
  }

 private:
  std::vector<std::string> fields_;
  std::vector<std::string> labels_;
};

}  // namespace

std::unique_ptr<Stage> make_lowercase(Options& options) {
  std::vector<std::string> fields = options.names("fields");
  std::vector<std::string> labels = options.names("labels");
  if (fields.empty() && labels.empty())
    options.mistake_at(options.whole(),
                       "'fields' or 'labels' is missing, such as 'fields: [method]'");
  return std::make_unique<LowercaseStage>(std::move(fields), std::move(labels));
}

}  // namespace livedata::ingest::pipeline
