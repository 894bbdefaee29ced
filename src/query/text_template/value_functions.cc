// What looks into values of all kinds, and fromJson, which makes them.
#include <array>
#include <cstdlib>

#include <yyjson.hpp>

#include "query/text_template/functions.h"

namespace livedata::query::text_template {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

constexpr int kMaxJsonDepth = 64;

Result<Value> line(Arguments /*arguments*/, const CallContext& context) {
  return Value(std::string(context.line));
}

Result<Value> length(Arguments arguments, const CallContext& /*context*/) {
  const auto size = [](std::size_t n) { return Value(static_cast<std::int64_t>(n)); };
  if (const auto* text = std::get_if<std::string>(arguments.data())) return size(text->size());
  if (const auto* list = std::get_if<List>(arguments.data())) return size((*list)->size());
  if (const auto* map = std::get_if<Map>(arguments.data())) return size((*map)->values.size());
  return fail(ErrorCode::kInvalidArgument, "len of type {}", type_name(arguments[0]));
}

Result<std::size_t> position(const Value& index, std::size_t size) {
  LIVEDATA_TRY(const std::int64_t at, int_argument(index));
  if (at < 0 || static_cast<std::size_t>(at) >= size)
    return fail(ErrorCode::kInvalidArgument, "index out of range: {}", at);
  return static_cast<std::size_t>(at);
}

Result<Value> element(const Value& value, const Value& key) {
  if (const auto* map = std::get_if<Map>(&value)) {
    LIVEDATA_TRY(const std::string name, text_argument(key));
    return (*map)->find(name);
  }
  if (const auto* list = std::get_if<List>(&value)) {
    LIVEDATA_TRY(const std::size_t at, position(key, (*list)->size()));
    return Value((**list)[at]);
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    LIVEDATA_TRY(const std::size_t at, position(key, text->size()));
    return Value(std::int64_t{static_cast<unsigned char>((*text)[at])});
  }
  return fail(ErrorCode::kInvalidArgument, "can't index item of type {}", type_name(value));
}

Result<Value> index(Arguments arguments, const CallContext& /*context*/) {
  Value value = arguments[0];
  for (const Value& key : arguments.subspan(1)) {
    LIVEDATA_TRY(value, element(value, key));
  }
  return value;
}

Result<Value> slice(Arguments arguments, const CallContext& /*context*/) {
  const auto* text = std::get_if<std::string>(arguments.data());
  const auto* list = std::get_if<List>(arguments.data());
  if (text == nullptr && list == nullptr) {
    return fail(ErrorCode::kInvalidArgument, "can't slice item of type {}",
                type_name(arguments[0]));
  }
  const auto size = static_cast<std::int64_t>(text != nullptr ? text->size() : (*list)->size());
  std::int64_t from = 0;
  std::int64_t to = size;
  if (arguments.size() > 1) {
    LIVEDATA_TRY(from, int_argument(arguments[1]));
  }
  if (arguments.size() > 2) {
    LIVEDATA_TRY(to, int_argument(arguments[2]));
  }
  if (from < 0 || to > size || from > to)
    return fail(ErrorCode::kInvalidArgument, "slice bounds out of range: {}:{}", from, to);
  if (text != nullptr) {
    return Value(text->substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)));
  }
  return Value(List(
      std::make_shared<const std::vector<Value>>((*list)->begin() + from, (*list)->begin() + to)));
}

Result<Value> default_value(Arguments arguments, const CallContext& /*context*/) {
  return arguments.size() > 1 && is_true(arguments[1]) ? arguments[1] : arguments[0];
}

std::string text_of(yyjson_val* value) { return {yyjson_get_str(value), yyjson_get_len(value)}; }

Result<Value> value_of(yyjson_val* json, int depth) {
  if (depth > kMaxJsonDepth)
    return fail(ErrorCode::kInvalidArgument, "the JSON is nested too deep");
  if (yyjson_is_obj(json)) {
    auto members = std::make_shared<Members>();
    yyjson_obj_iter it = yyjson_obj_iter_with(json);
    while (yyjson_val* key = yyjson_obj_iter_next(&it)) {
      LIVEDATA_TRY(Value value, value_of(yyjson_obj_iter_get_val(key), depth + 1));
      members->values.insert_or_assign(text_of(key), std::move(value));
    }
    return Value(Map(std::move(members)));
  }
  if (yyjson_is_arr(json)) {
    auto list = std::make_shared<std::vector<Value>>();
    yyjson_arr_iter it = yyjson_arr_iter_with(json);
    while (yyjson_val* item = yyjson_arr_iter_next(&it)) {
      LIVEDATA_TRY(Value value, value_of(item, depth + 1));
      list->push_back(std::move(value));
    }
    return Value(List(std::move(list)));
  }
  if (yyjson_is_str(json)) return Value(text_of(json));
  if (yyjson_is_bool(json)) return Value(yyjson_get_bool(json));
  if (yyjson_is_num(json)) return Value(yyjson_get_num(json));
  return Value();
}

struct FreeDocument {
  void operator()(yyjson_doc* document) const { yyjson_doc_free(document); }
};

Result<Value> from_json(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(std::string text, text_argument(arguments[0]));
  yyjson_read_err error{};
  const std::unique_ptr<yyjson_doc, FreeDocument> document(
      yyjson_read_opts(text.data(), text.size(), YYJSON_READ_NOFLAG, nullptr, &error));
  if (document == nullptr)
    return fail(ErrorCode::kInvalidArgument, "invalid JSON at byte {}: {}", error.pos, error.msg);
  return value_of(yyjson_doc_get_root(document.get()), 0);
}

constexpr std::array kFunctions = {
    Function{"__line__", 0, 0, line},         Function{"len", 1, 1, length},
    Function{"index", 1, kAnyNumber, index},  Function{"slice", 1, 3, slice},
    Function{"default", 1, 2, default_value}, Function{"fromJson", 1, 1, from_json},
};

}  // namespace

std::span<const Function> value_functions() { return kFunctions; }

}  // namespace livedata::query::text_template
