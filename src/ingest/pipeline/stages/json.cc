#include <algorithm>
#include <cstdlib>
#include <limits>

#include <yyjson.hpp>

#include "ingest/pipeline/source_text.h"
#include "ingest/pipeline/stages/factories.h"

namespace livedata::ingest::pipeline {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

// The tree of a text takes twelve times its size.
constexpr std::size_t kMaxBytes = 1U << 20U;
constexpr std::size_t kMaxNameBytes = 256;

std::string_view view(yyjson_val* text) { return {yyjson_get_str(text), yyjson_get_len(text)}; }

/// One chosen member: {"http": {"status": 200}} by http.status.
struct Chosen {
  std::string field;
  std::vector<std::string> path;
};

struct JsonRules {
  SourceText source;
  std::vector<Chosen> chosen = {};  ///< empty: all members
  std::string prefix = {};
  std::size_t max_depth = 8;
};

/// Turns the members of one document into fields.
class MemberReader {
 public:
  MemberReader(const JsonRules& rules, PipelineRecord& record, PipelineRun& run)
      : rules_(rules), record_(record), run_(run) {}

  void add_all(yyjson_val* object) { add_members(object, rules_.prefix, 1); }

  void add_chosen(yyjson_val* root) {
    for (const Chosen& chosen : rules_.chosen) {
      yyjson_val* value = root;
      for (const std::string& name : chosen.path)
        value = yyjson_obj_getn(value, name.data(), name.size());
      if (value != nullptr) add(chosen.field, value);
    }
  }

  [[nodiscard]] bool all_fit() const { return all_fit_; }

 private:
  void add_members(yyjson_val* object, std::string_view prefix, std::size_t depth) {
    yyjson_obj_iter members = yyjson_obj_iter_with(object);
    while (yyjson_val* key = yyjson_obj_iter_next(&members)) {
      yyjson_val* value = yyjson_obj_iter_get_val(key);
      const std::string_view name = field_name(prefix, view(key), depth > 1);
      if (yyjson_is_obj(value) && depth < rules_.max_depth) {
        add_members(value, name, depth + 1);
      } else {
        add(name, value);
      }
      if (!all_fit_) return;
    }
  }

  /// The prefix, '_' between nested names, and the name with '_' for what a name can't hold.
  std::string_view field_name(std::string_view prefix, std::string_view name, bool nested) {
    if (prefix.empty() && is_label_name(name)) return name;
    const std::size_t size =
        std::min(name.size(), kMaxNameBytes - std::min(kMaxNameBytes, prefix.size()));
    char* out = run_.arena().reserve(prefix.size() + size + 2);
    char* end = out + prefix.copy(out, prefix.size());
    if (nested) *end++ = '_';
    if (end == out && (size == 0 || (name.front() >= '0' && name.front() <= '9'))) *end++ = '_';
    for (const char c : name.substr(0, size)) {
      const bool allowed =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
      *end++ = allowed ? c : '_';
    }
    return run_.arena().commit(static_cast<std::size_t>(end - out));
  }

  void add(std::string_view name, yyjson_val* value) {
    if (yyjson_is_null(value)) return;
    all_fit_ = record_.set_field(name, value_of(value)) && all_fit_;
  }

  FieldValue value_of(yyjson_val* value) {
    if (yyjson_is_str(value)) return view(value);
    if (yyjson_is_bool(value)) return yyjson_get_bool(value);
    if (yyjson_is_sint(value)) return static_cast<std::int64_t>(yyjson_get_sint(value));
    if (yyjson_is_uint(value) && yyjson_get_uint(value) <= static_cast<std::uint64_t>(INT64_MAX))
      return static_cast<std::int64_t>(yyjson_get_uint(value));
    if (yyjson_is_num(value)) return yyjson_get_num(value);
    return text_of_nested(value);
  }

  /// An array, or an object that is too deep, as JSON text.
  std::string_view text_of_nested(yyjson_val* value) {
    std::size_t size = 0;
    const std::unique_ptr<char, decltype(&std::free)> text(
        yyjson_val_write(value, YYJSON_WRITE_ALLOW_INVALID_UNICODE | YYJSON_WRITE_ALLOW_INF_AND_NAN,
                         &size),
        &std::free);
    return text == nullptr ? std::string_view() : run_.arena().keep({text.get(), size});
  }

  const JsonRules& rules_;
  PipelineRecord& record_;
  PipelineRun& run_;
  bool all_fit_ = true;
};

class JsonStage final : public Stage {
 public:
  explicit JsonStage(JsonRules rules) : rules_(std::move(rules)) {}

  StageOutcome run(PipelineRecord& record, PipelineRun& run) const override {
    const auto text = rules_.source.of(record, run);
    if (!text) return StageOutcome::failed(SourceText::kMissing);
    const std::size_t start = text->find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos || (*text)[start] != '{')
      return StageOutcome::failed("it is not a JSON object");
    if (text->size() > kMaxBytes) return StageOutcome::failed("the JSON text is over 1 MiB");

    const std::span<char> memory = run.scratch(yyjson_read_max_memory_usage(text->size(), 0) + 64);
    yyjson_alc allocator;
    yyjson_alc_pool_init(&allocator, memory.data(), memory.size());
    // Without YYJSON_READ_INSITU the text is copied and left alone. The document lives in the
    // record's memory and is never freed by itself.
    yyjson_doc* document =
        yyjson_read_opts(const_cast<char*>(text->data()), text->size(),  // NOLINT
                         YYJSON_READ_ALLOW_INVALID_UNICODE, &allocator, nullptr);
    if (document == nullptr) return StageOutcome::failed("the JSON is malformed");
    MemberReader reader(rules_, record, run);
    if (rules_.chosen.empty()) {
      reader.add_all(yyjson_doc_get_root(document));
    } else {
      reader.add_chosen(yyjson_doc_get_root(document));
    }
    return reader.all_fit() ? StageOutcome::done()
                            : StageOutcome::failed("more fields than a record may have");
  }

 private:
  JsonRules rules_;
};

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> names;
  while (true) {
    const std::size_t dot = path.find('.');
    names.emplace_back(path.substr(0, dot));
    if (dot == std::string_view::npos) return names;
    path.remove_prefix(dot + 1);
  }
}

}  // namespace

std::unique_ptr<Stage> make_json(Options& options) {
  JsonRules rules{.source = SourceText(options)};
  for (const auto& [field, path] : options.pairs_or_list("fields")) {
    // In a list the path is the name as well.
    const std::string name = field == path ? sanitized_label_name(path) : field;
    if (!is_label_name(name))
      options.mistake("fields", fmt::format("'{}' is no name for a field", name));
    rules.chosen.push_back({name, split_path(path)});
  }
  rules.prefix = options.name("prefix");
  if (!rules.prefix.empty()) {
    for (Chosen& chosen : rules.chosen) chosen.field = rules.prefix + chosen.field;
  }
  rules.max_depth = options.count("max_depth", rules.max_depth, 1, 64);
  return std::make_unique<JsonStage>(std::move(rules));
}

}  // namespace livedata::ingest::pipeline
