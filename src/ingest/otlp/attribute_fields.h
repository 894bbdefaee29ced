#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/otlp/log_record.h"
#include "ingest/values/field_list.h"
#include "model/labels.h"
#include "model/limits.h"
#include "model/record_batch.h"

namespace livedata::ingest::otlp {

/// An attribute's name as Loki's: what is no letter or digit becomes '_', and "key" or "key_" goes
/// in front of a leading underscore or digit.
std::string attribute_name(std::string_view key);

/// The names of a request's attributes, made once each. Views stay valid as long as the cache.
class NameCache {
 public:
  /// Empty when there are too many names already.
  std::string_view find_or_make(std::string_view key);

 private:
  std::map<std::string, std::string, std::less<>> names_;
};

/// Attributes and properties as fields: members of maps get a field each, named path_to_member;
/// arrays are JSON text; empty values are left out. Text points to the attributes.
class AttributeFields {
 public:
  AttributeFields(NameCache& names, const Limits& limits) : names_(names), fields_(limits) {}

  void clear();
  /// `name` must be a field name, and outlive the fields.
  void add(std::string_view name, const FieldValue& value);
  void add(const Attribute& attribute);
  void add(const std::vector<Attribute>& attributes);

  /// Stops at one more than the limits allow, so that nobody has to hold what is refused anyway.
  [[nodiscard]] const std::vector<Field>& fields() const { return fields_.fields(); }
  /// Memory that the fields will take in a batch, more or less.
  [[nodiscard]] std::size_t cost() const { return cost_; }

 private:
  bool add_leaf(std::string_view path, const Value& value);
  std::string_view name_of(std::string_view path);

  NameCache& names_;
  FieldList fields_;
  std::size_t cost_ = 0;
  std::string path_;  // of keys, to the value that is being added
};

/// Adds the labels that an attribute becomes, under the same names; the last of equal names wins.
/// Stops at one more label than the limits allow.
void add_labels(const Attribute& attribute, const Limits& limits, std::vector<Label>& labels);

}  // namespace livedata::ingest::otlp
