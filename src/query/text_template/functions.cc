#include "query/text_template/functions.h"

#include <algorithm>
#include <array>

namespace livedata::query::text_template {
namespace {

tl::unexpected<Error> wrong_type(std::string_view expected, const Value& value) {
  if (is_nil(value))
    return fail(ErrorCode::kInvalidArgument, "invalid value; expected {}", expected);
  return fail(ErrorCode::kInvalidArgument, "wrong type for value; expected {}; got {}", expected,
              type_name(value));
}

}  // namespace

const Function* find_function(std::string_view name) {
  const std::array groups = {comparison_functions(), encoding_functions(), number_functions(),
                             printing_functions(),   regex_functions(),    text_functions(),
                             time_functions(),       value_functions()};
  for (const auto& group : groups) {
    const auto found =
        std::find_if(group.begin(), group.end(), [&](const Function& f) { return f.name == name; });
    if (found != group.end()) return &*found;
  }
  return nullptr;
}

Result<std::string> text_argument(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return wrong_type("string", value);
}

Result<std::int64_t> int_argument(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  return wrong_type("int", value);
}

tl::unexpected<Error> too_long() {
  return fail(ErrorCode::kInvalidArgument, "the text is longer than {} bytes", kMaxTextBytes);
}

}  // namespace livedata::query::text_template
