#include "ingest/pipeline/json_fields.h"

#include "ingest/pipeline/json_text.h"
#include "ingest/values/field_name.h"
#include "ingest/values/flatten.h"
#include "ingest/values/json.h"

namespace livedata::ingest::pipeline {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

/// Turns the members of one document into fields.
class MemberReader {
 public:
  MemberReader(const JsonRules& rules, PipelineRecord& record, PipelineRun& run)
      : rules_(rules), record_(record), run_(run) {}

  void add_all(yyjson_val* object) {
    std::string path;
    JsonTree::for_each_member(object, [&](std::string_view name, yyjson_val* value) {
      path = rules_.prefix;
      path += name;
      return for_each_leaf<JsonTree>(
          value, path, '_', rules_.max_depth - 1,
          [this](std::string_view leaf_path, yyjson_val* leaf) {
            add(kept_field_name(leaf_path, run_.arena(), kMaxFieldNameBytes), leaf);
            return all_fit_;
          });
    });
  }

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
  void add(std::string_view name, yyjson_val* value) {
    if (yyjson_is_null(value)) return;
    all_fit_ = record_.set_field(name, json_field_value(value, run_.arena())) && all_fit_;
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
