#include "ingest/pipeline/json_fields.h"

#include <cstdlib>
#include <memory>

#include "ingest/pipeline/field_name.h"
#include "ingest/pipeline/json_text.h"

namespace livedata::ingest::pipeline {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

/// Turns the members of one document into fields.
class MemberReader {
 public:
  MemberReader(const JsonRules& rules, PipelineRecord& record, PipelineRun& run)
      : rules_(rules), record_(record), run_(run) {}

  void add_all(yyjson_val* object) { add_members(object, rules_.prefix, {}, 1); }

  void add_chosen(yyjson_val* root) {
    for (const JsonRules::Chosen& chosen : rules_.chosen) {
      yyjson_val* value = root;
      for (const std::string& name : chosen.path)
        value = yyjson_obj_getn(value, name.data(), name.size());
      if (value != nullptr) add(chosen.field, value);
    }
  }

  [[nodiscard]] bool all_fit() const { return all_fit_; }

 private:
  void add_members(yyjson_val* object, std::string_view prefix, std::string_view separator,
                   std::size_t depth) {
    yyjson_obj_iter members = yyjson_obj_iter_with(object);
    while (yyjson_val* key = yyjson_obj_iter_next(&members)) {
      yyjson_val* value = yyjson_obj_iter_get_val(key);
      const std::string_view name = field_name(prefix, separator, json_string(key), run_.arena());
      if (yyjson_is_obj(value) && depth < rules_.max_depth) {
        add_members(value, name, "_", depth + 1);
      } else {
        add(name, value);
      }
      if (!all_fit_) return;
    }
  }

  void add(std::string_view name, yyjson_val* value) {
    if (yyjson_is_null(value)) return;
    all_fit_ = record_.set_field(name, value_of(value)) && all_fit_;
  }

  FieldValue value_of(yyjson_val* value) {
    if (yyjson_is_str(value)) return json_string(value);
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

}  // namespace

StageOutcome add_json_fields(std::string_view text, const JsonRules& rules, PipelineRecord& record,
                             PipelineRun& run) {
  yyjson_val* root = read_json_object(text, run);
  if (root == nullptr) {
    return StageOutcome::failed(text.size() > kMaxJsonBytes ? "the JSON text is over 1 MiB"
                                                            : "it is not a JSON object");
  }
  MemberReader reader(rules, record, run);
  if (rules.chosen.empty()) {
    reader.add_all(root);
  } else {
    reader.add_chosen(root);
  }
  return reader.all_fit() ? StageOutcome::done() : StageOutcome::failed(kTooManyFields);
}

}  // namespace livedata::ingest::pipeline
