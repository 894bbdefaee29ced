#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <re2/re2.h>

#include "base/result.h"
#include "query/text_template/value.h"

namespace livedata::query::text_template {

/// What a function may look at besides its arguments.
struct CallContext {
  std::string_view line;
  TimestampNs timestamp = 0;
  TimestampNs now = 0;
  const re2::RE2* regex = nullptr;  ///< the first argument, if it is a literal regex
};

using Arguments = std::span<const Value>;

/// A function of templates. Arguments are counted when the template is parsed.
struct Function {
  std::string_view name;
  std::size_t min_arguments;
  std::size_t max_arguments;
  Result<Value> (*call)(Arguments arguments, const CallContext& context);
  bool takes_regex = false;  ///< as its first argument
};

constexpr std::size_t kAnyNumber = 1000;
// No text that a function makes, nor the output of a template, is longer.
constexpr std::size_t kMaxTextBytes = 1024 * 1024;

std::span<const Function> comparison_functions();
std::span<const Function> encoding_functions();
std::span<const Function> number_functions();
std::span<const Function> printing_functions();
std::span<const Function> regex_functions();
std::span<const Function> text_functions();
std::span<const Function> time_functions();
std::span<const Function> value_functions();

/// Null for an unknown name.
const Function* find_function(std::string_view name);

/// An argument that must be a text, or a whole number.
Result<std::string> text_argument(const Value& value);
Result<std::int64_t> int_argument(const Value& value);

Result<std::shared_ptr<const re2::RE2>> compile_regex(std::string_view text);

tl::unexpected<Error> too_long();

}  // namespace livedata::query::text_template
