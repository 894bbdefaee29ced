#include <algorithm>

#include "ingest/pipeline/secrets/redactor.h"
#include "ingest/pipeline/source_text.h"
#include "ingest/pipeline/stages/factories.h"

namespace livedata::ingest::pipeline {
namespace {

constexpr std::string_view kPassword = "password";

class RedactStage final : public Stage {
 public:
  RedactStage(Redactor redactor, bool in_line, bool in_fields, bool by_name)
      : redactor_(std::move(redactor)),
        in_line_(in_line),
        in_fields_(in_fields),
        by_name_(by_name) {}

  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    bool all_fit = true;
    if (in_line_) all_fit = redact_line(record, run);
    if (in_fields_) {
      // By index, as fields that no longer fit are removed.
      for (std::size_t i = record.fields().size(); i-- > 0;)
        all_fit = redact_field(record.fields()[i], record, run) && all_fit;
    }
    return all_fit ? StageOutcome::done()
                   : StageOutcome::failed("the record grew over the limits and was cut");
  }

 private:
  /// A line that grows too long is cut: what is secret must go in any case.
  bool redact_line(PipelineRecord& record, PipelineRun& run) const {
    const std::string_view line = record.line();
    const std::string_view redacted = redactor_.redact(line, run.arena());
    if (redacted.data() == line.data() || record.set_line(redacted)) return true;
    record.set_line(redacted.substr(0, record.limits().max_line_bytes));
    return false;
  }

  bool redact_field(const Field field, PipelineRecord& record, PipelineRun& run) const {
    const auto* text = std::get_if<std::string_view>(&field.value);
    std::string_view redacted;
    if (by_name_ && is_secret_name(field.name)) {
      redacted =
          redactor_.replacement_of(text_of(field.value, run.arena()), kPassword, run.arena());
    } else if (text != nullptr) {
      redacted = redactor_.redact(*text, run.arena());
      if (redacted.data() == text->data()) return true;
    } else {
      return true;
    }
    if (record.set_field(field.name, redacted)) return true;
    record.remove_field(field.name);
    return false;
  }

  Redactor redactor_;
  bool in_line_;
  bool in_fields_;
  bool by_name_;
};

std::string with_name(std::string replacement, std::string_view name) {
  constexpr std::string_view kPlace = "{pattern}";
  const std::size_t at = replacement.find(kPlace);
  if (at != std::string::npos) replacement.replace(at, kPlace.size(), name);
  return replacement;
}

std::vector<Redactor::Pattern> built_in_patterns(Options& options, const std::string& replacement) {
  std::vector<std::string_view> known = {"default", "all"};
  for (const SecretKind& kind : secret_kinds()) known.push_back(kind.name);
  std::vector<std::string> wanted = options.words("patterns", known);
  if (!options.has("patterns") && !options.has("regexes")) wanted.emplace_back("default");
  const auto is_wanted = [&](std::string_view name) {
    return std::find(wanted.begin(), wanted.end(), name) != wanted.end();
  };
  std::vector<Redactor::Pattern> patterns;
  for (const SecretKind& kind : secret_kinds()) {
    if (is_wanted(kind.name) || is_wanted("all") || (kind.by_default && is_wanted("default"))) {
      patterns.push_back({.name = std::string(kind.name),
                          .find = kind.find,
                          .replacement = with_name(replacement, kind.name)});
    }
  }
  return patterns;
}

}  // namespace

std::unique_ptr<Stage> make_redact(Options& options) {
  constexpr std::size_t kLeastKeyBytes = 16;
  const std::string replacement = options.text("replacement", "<redacted>");
  std::vector<Redactor::Pattern> patterns = built_in_patterns(options, replacement);
  const bool by_name =
      std::any_of(patterns.begin(), patterns.end(),
                  [](const Redactor::Pattern& pattern) { return pattern.name == kPassword; });
  for (Options::NamedRegex& own : options.named_regexes("regexes")) {
    patterns.push_back({.name = own.name,
                        .regex = std::move(own.regex),
                        .replacement = with_name(replacement, own.name)});
  }
  const std::string key = options.text("hash_key");
  std::optional<KeyedHash> hash;
  if (options.has("hash_key")) {
    hash.emplace(key);
    if (key.size() < kLeastKeyBytes)
      options.mistake("hash_key", "a key of at least 16 characters is needed, chosen at random");
  }
  const std::vector<std::string> where = options.words("in", {"line", "fields"});
  const auto is_in = [&](std::string_view place) {
    return where.empty() || std::find(where.begin(), where.end(), place) != where.end();
  };
  return std::make_unique<RedactStage>(Redactor(std::move(patterns), hash), is_in("line"),
                                       is_in("fields"), by_name);
}

}  // namespace livedata::ingest::pipeline
