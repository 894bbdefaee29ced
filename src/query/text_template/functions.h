#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/result.h"
#include "query/text_template/value.h"

namespace livedata::query::text_template {

/// What a function may look at besides its arguments.
struct CallContext {
  std::string_view line;
  TimestampNs timestamp = 0;
  TimestampNs now = 0;
};

using Arguments = std::span<const Value>;

/// A function of templates. Arguments are counted when the template is parsed.
struct Function {
  std::string_view name;
  std::size_t min_arguments;
  std::size_t max_arguments;
  Result<Value> (*call)(Arguments arguments, const CallContext& context);
};

constexpr std::size_t kAnyNumber = 1000;

std::span<const Function> text_functions();
std::span<const Function> number_functions();
std::span<const Function> time_functions();
std::span<const Function> general_functions();

/// Null for an unknown name.
const Function* find_function(std::string_view name);

/// An argument that must be a text.
Result<std::string> text_argument(const Value& value);

}  // namespace livedata::query::text_template
