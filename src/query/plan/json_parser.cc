#include <cstdlib>
#include <memory>

#include <yyjson.hpp>

#include "query/plan/line_parsers.h"

namespace livedata::query::plan {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

// Deeper members are left out, so that a hostile line can't exhaust the stack.
constexpr int kMaxDepth = 64;

struct FreeDocument {
  void operator()(yyjson_doc* document) const { yyjson_doc_free(document); }
};

std::string_view text_of(yyjson_val* value) {
  return {yyjson_get_str(value), yyjson_get_len(value)};
}

std::string as_json(yyjson_val* value) {
  std::size_t size = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      yyjson_val_write(value, YYJSON_WRITE_ALLOW_INVALID_UNICODE, &size), &std::free);
  return text == nullptr ? std::string() : std::string(text.get(), size);
}

/// Strings as they are, other scalars as they stand in the line.
std::string as_label(yyjson_val* value) {
  if (yyjson_is_raw(value)) return {yyjson_get_raw(value), yyjson_get_len(value)};
  return yyjson_is_str(value) ? std::string(text_of(value)) : as_json(value);
}

void add_members(yyjson_val* object, const std::string& prefix, int depth, Row& row) {
  if (depth > kMaxDepth) return;
  yyjson_obj_iter it = yyjson_obj_iter_with(object);
  while (yyjson_val* key = yyjson_obj_iter_next(&it)) {
    yyjson_val* value = yyjson_obj_iter_get_val(key);
    if (yyjson_is_arr(value) || yyjson_is_null(value)) continue;
    const std::string name = prefix + sanitized_label_name(text_of(key));
    if (yyjson_is_obj(value)) {
      add_members(value, name + "_", depth + 1, row);
    } else {
      row.add_parsed(name, as_label(value));
    }
  }
}

/// Follows a path such as a.b[0]["c"]; null where it leads nowhere.
yyjson_val* follow(yyjson_val* value, std::string_view path) {
  while (!path.empty() && value != nullptr) {
    if (path.front() == '.') {
      path.remove_prefix(1);
    } else if (path.front() == '[') {
      const std::size_t end = path.find(']');
      if (end == std::string_view::npos) return nullptr;
      std::string_view inside = path.substr(1, end - 1);
      path.remove_prefix(end + 1);
      if (inside.size() >= 2 && inside.front() == '"' && inside.back() == '"') {
        inside = inside.substr(1, inside.size() - 2);
        value = yyjson_obj_getn(value, inside.data(), inside.size());
      } else {
        value = yyjson_arr_get(value, static_cast<std::size_t>(
                                          std::strtoul(std::string(inside).c_str(), nullptr, 10)));
      }
    } else {
      const std::string_view name = path.substr(0, path.find_first_of(".["));
      path.remove_prefix(name.size());
      value = yyjson_obj_getn(value, name.data(), name.size());
    }
  }
  return value;
}

}  // namespace

void parse_json_line(const ParserExpressions& expressions, Row& row) {
  const std::string_view line = row.line();
  yyjson_read_err error;
  constexpr yyjson_read_flag kFlags = YYJSON_READ_ALLOW_INVALID_UNICODE | YYJSON_READ_NUMBER_AS_RAW;
  const std::unique_ptr<yyjson_doc, FreeDocument> document(
      yyjson_read_opts(const_cast<char*>(line.data()), line.size(), kFlags, nullptr,
                       &error));  // NOLINT: not in situ
  yyjson_val* root = document == nullptr ? nullptr : yyjson_doc_get_root(document.get());
  if (!yyjson_is_obj(root)) {
    row.set_error("JSONParserErr",
                  document == nullptr ? error.msg : "the line is not a JSON object");
    return;
  }
  if (expressions.empty()) {
    add_members(root, "", 0, row);
    return;
  }
  for (const auto& [name, path] : expressions) {
    yyjson_val* value = follow(root, path);
    row.add_parsed(name,
                   value == nullptr || yyjson_is_null(value) ? std::string() : as_label(value));
  }
}

}  // namespace livedata::query::plan
