#include "ingest/values/json_fields.h"

#include "ingest/values/field_name.h"
#include "ingest/values/flatten.h"
#include "ingest/values/json.h"

namespace livedata::ingest {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

void JsonFields::clear() {
  members_.clear();
  plain_.clear();
  fields_.clear();
}

void JsonFields::add(std::string_view name, yyjson_val* value) {
  members_.push_back({name, value});
}

std::vector<Field>& JsonFields::flatten() {
  for (const std::size_t max_depth : {kMaxFlatDepth, std::size_t{1}, std::size_t{0}}) {
    fields_.remove_fields();
    for (const Field& field : plain_) fields_.add(field.name, field.value);
    for (const Member& member : members_) {
      append(member, max_depth);
      if (fields_.is_over()) break;
    }
    if (fields_.fields().size() <= limits_.max_fields) break;
  }
  return fields_.fields();
}

void JsonFields::append(const Member& member, std::size_t max_depth) {
  path_ = member.name;
  for_each_leaf<JsonTree>(
      member.value, path_, '_', max_depth, [this](std::string_view path, yyjson_val* leaf) {
        if (yyjson_is_null(leaf)) return true;
        TextArena& arena = fields_.arena();
        fields_.add(kept_field_name(path, arena, kAnyNameBytes), json_field_value(leaf, arena));
        return !fields_.is_over();
      });
}

}  // namespace livedata::ingest
