#include "query/sql/search/schema.h"

#include <algorithm>

namespace livedata::query::sql::search {

const Field* Rows::find(std::string_view name) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [name](const Field& field) { return field.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

void Rows::set(std::string_view name, Value value) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [name](const Field& field) { return field.name == name; });
  if (found == fields.end()) {
    fields.push_back({std::string(name), std::move(value), true});
  } else {
    found->value = std::move(value);
    found->is_shown = true;
  }
}

void Rows::remove(std::string_view name) {
  std::erase_if(fields, [name](const Field& field) { return field.name == name; });
}

Value Rows::value(std::string_view name) const {
  const Field* field = find(name);
  return field == nullptr ? Value{"NULL", Kind::kNull} : field->value;
}

std::string Rows::order_text() const {
  std::string out;
  for (const OrderKey& key : order) {
    if (!out.empty()) out += ", ";
    out += key.column;
    out += key.falls ? " DESC NULLS LAST" : " ASC NULLS LAST";
  }
  return out;
}

std::string Rows::order_clause() const { return order.empty() ? "" : " ORDER BY " + order_text(); }

}  // namespace livedata::query::sql::search
