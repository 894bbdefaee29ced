#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <yyjson.hpp>

#include "ingest/values/field_list.h"

namespace livedata::ingest {

/// Turns the members of a JSON object into typed fields of one record after the other. Objects are
/// flattened: their names are joined with '_'. Arrays, and objects more than eight deep, become
/// JSON text; null is left out. An object with more leaves than a record may have fields is
/// flattened less deep. Work and memory stop soon after the limits of a record are passed, and the
/// intake then rejects it. Not thread-safe.
class JsonFields {
 public:
  explicit JsonFields(const Limits& limits) : limits_(limits), fields_(limits) {}
  JsonFields(const JsonFields&) = delete;
  JsonFields& operator=(const JsonFields&) = delete;

  /// Begins another record; what was handed out so far is no longer valid.
  void clear();
  /// A member; its document outlives this record.
  void add(std::string_view name, livedata_yyjson::yyjson_val* value);
  /// A field as it is. Name and text outlive this record.
  void add(const Field& field) { plain_.push_back(field); }
  /// A copy that lives until clear().
  std::string_view keep(std::string_view text) { return fields_.arena().keep(text); }

  /// The fields of all that was added, in that order, plain ones first. Valid until clear().
  std::vector<Field>& flatten();
  /// Whether what flatten() gave is all, and within the limits of a record.
  [[nodiscard]] bool fit() const { return !fields_.is_over(); }

 private:
  struct Member {
    std::string_view name;
    livedata_yyjson::yyjson_val* value;
  };

  void append(const Member& member, std::size_t max_depth);

  const Limits& limits_;
  std::vector<Member> members_;
  std::vector<Field> plain_;
  FieldList fields_;
  std::string path_;  // of the value being appended, with '_' between its parts
};

}  // namespace livedata::ingest
