#include "ingest/pipeline/stages/factories.h"

namespace livedata::ingest::pipeline {
namespace {

/// At most `bytes` of a text, not from the middle of a UTF-8 sequence.
std::string_view cut(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  std::size_t end = bytes;
  const auto continues = [&text](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  // A sequence has at most four bytes; what is longer is no UTF-8.
  while (end > 0 && bytes - end < 4 && continues(end)) --end;
  return text.substr(0, continues(end) ? bytes : end);
}

class TruncateStage final : public Stage {
 public:
  TruncateStage(std::size_t bytes, std::string suffix, std::vector<std::string> fields)
      : bytes_(bytes), suffix_(std::move(suffix)), fields_(std::move(fields)) {}

  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    if (fields_.empty()) {
      static_cast<void>(record.set_line(shortened(record.line(), run.arena())));
      return StageOutcome::done();
    }
    for (const std::string& name : fields_) {
      const Field* field = record.find_field(name);
      const auto* text = field == nullptr ? nullptr : std::get_if<std::string_view>(&field->value);
      if (text != nullptr) record.set_field(name, shortened(*text, run.arena()));
    }
    return StageOutcome::done();
  }

  [[nodiscard]] bool shortens_lines() const override { return fields_.empty(); }

 private:
  [[nodiscard]] std::string_view shortened(std::string_view text, TextArena& arena) const {
    if (text.size() <= bytes_) return text;
    const std::string_view kept = cut(text, bytes_ - suffix_.size());
    if (suffix_.empty()) return kept;
    char* const begin = arena.reserve(kept.size() + suffix_.size());
    kept.copy(begin, kept.size());
    suffix_.copy(begin + kept.size(), suffix_.size());
    return arena.commit(kept.size() + suffix_.size());
  }

  std::size_t bytes_;
  std::string suffix_;
  std::vector<std::string> fields_;
};

}  // namespace

std::unique_ptr<Stage> make_truncate(Options& options) {
  options.require("bytes", "'bytes: 8KiB'");
  const std::size_t bytes = options.bytes("bytes", 1024, 1, 1U << 30U);
  std::string suffix = options.text("suffix");
  if (suffix.size() >= bytes) {
    options.mistake("suffix", "the suffix is as long as all that is kept");
    suffix.clear();
  }
  return std::make_unique<TruncateStage>(bytes, std::move(suffix), options.names("fields"));
}

}  // namespace livedata::ingest::pipeline
