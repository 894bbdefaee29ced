#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"

namespace livedata::query::text_template {

struct Value;
struct Members;
using List = std::shared_ptr<const std::vector<Value>>;
using Map = std::shared_ptr<const Members>;

/// A point in time with the zone it is shown in.
struct Time {
  TimestampNs ns = 0;
  std::int64_t offset_seconds = 0;  ///< east of UTC
  std::string zone = "UTC";
};

/// What an expression of a template may be. A nil is a std::monostate.
struct Value
    : std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Map, Time> {
  using variant::variant;
};

/// A map. Asking labels for one they lack yields "", anything else nil.
struct Members {
  std::map<std::string, Value> values = {};
  bool are_labels = false;

  [[nodiscard]] Value find(const std::string& name) const;
};

[[nodiscard]] inline bool is_nil(const Value& value) { return value.index() == 0; }

/// Go's truth: not nil, false, 0, "" nor empty.
bool is_true(const Value& value);
/// As Go's %v prints it.
std::string to_text(const Value& value);
/// The type's name in Go, for errors.
std::string_view type_name(const Value& value);
/// Numbers as they are, texts if they are one.
std::optional<double> to_double(const Value& value);
/// Whole numbers; others are cut, texts read. 0 for what is no number.
std::int64_t to_int(const Value& value);

/// Nothing where the two can't be compared.
std::optional<bool> equal(const Value& left, const Value& right);
std::optional<std::partial_ordering> order(const Value& left, const Value& right);

}  // namespace livedata::query::text_template
