#include "ingest/json_fields.h"

#include <cstdint>
#include <cstring>

#include "ingest/json.h"

namespace livedata::ingest {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

namespace {

// Deeper objects stay JSON text in one field.
constexpr int kMaxDepth = 8;

}  // namespace

void JsonFields::clear() {
  members_.clear();
  plain_.clear();
  fields_.clear();
  kept_.release();
}

void JsonFields::add(std::string_view name, yyjson_val* value) {
  members_.push_back({name, value});
}

std::string_view JsonFields::keep(std::string_view text) {
  if (text.empty()) return {};
  auto* const copy = static_cast<char*>(kept_.allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

std::vector<Field>& JsonFields::flatten() {
  for (const int max_depth : {kMaxDepth, 1, 0}) {
    fields_.clear();
    num_bytes_ = 0;
    for (const Field& field : plain_) push(field);
    for (const Member& member : members_) {
      path_ = member.name;
      append(member.value, max_depth);
      if (is_over()) break;
    }
    if (fields_.size() <= limits_.max_fields) break;
  }
  return fields_;
}

void JsonFields::append(yyjson_val* value, int depth) {
  if (!yyjson_is_obj(value) || depth == 0) {
    append_leaf(value);
    return;
  }
  const std::size_t path_size = path_.size();
  yyjson_obj_iter it = yyjson_obj_iter_with(value);
  while (yyjson_val* key = yyjson_obj_iter_next(&it)) {
    if (is_over()) return;
    path_ += '_';
    path_ += json_string(key);
    append(yyjson_obj_iter_get_val(key), depth - 1);
    path_.resize(path_size);
  }
}

void JsonFields::append_leaf(yyjson_val* value) {
  if (yyjson_is_null(value)) return;
  const std::string_view name = path_.empty() ? "_" : keep(sanitized_label_name(path_));
  FieldValue out;
  if (yyjson_is_str(value)) {
    out = json_string(value);
  } else if (yyjson_is_bool(value)) {
    out = yyjson_get_bool(value);
  } else if (yyjson_is_real(value) ||
             (yyjson_is_uint(value) && yyjson_get_uint(value) > INT64_MAX)) {
    out = yyjson_get_num(value);
  } else if (yyjson_is_int(value)) {
    out = static_cast<std::int64_t>(yyjson_get_sint(value));
  } else {
    out = keep(json_text(value));
  }
  push({name, out});
}

void JsonFields::push(const Field& field) {
  const auto* const text = std::get_if<std::string_view>(&field.value);
  num_bytes_ += field.name.size() + (text == nullptr ? sizeof(std::int64_t) : text->size());
  fields_.push_back(field);
}

}  // namespace livedata::ingest
