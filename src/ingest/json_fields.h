#pragma once

#include <array>
#include <cstddef>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include <yyjson.hpp>

#include "model/limits.h"
#include "model/record_batch.h"

namespace livedata::ingest {

/// Turns the members of a JSON object into typed fields of one record after the other. Objects are
/// flattened: their names are joined with '_'. Arrays, and objects more than eight deep, become
/// JSON text; null is left out. An object with more leaves than a record may have fields is
/// flattened less deep. Work and memory stop soon after the limits of a record are passed, and the
/// intake then rejects it. Not thread-safe.
class JsonFields {
 public:
  explicit JsonFields(const Limits& limits) : limits_(limits) {}
  JsonFields(const JsonFields&) = delete;
  JsonFields& operator=(const JsonFields&) = delete;

  /// Begins another record; what was handed out so far is no longer valid.
  void clear();
  /// A member; its document outlives this record.
  void add(std::string_view name, livedata_yyjson::yyjson_val* value);
  /// A field as it is. Name and text outlive this record.
  void add(const Field& field) { plain_.push_back(field); }
  /// A copy that lives until clear().
  std::string_view keep(std::string_view text);

  /// The fields of all that was added, in that order, plain ones first. Valid until clear().
  std::vector<Field>& flatten();
  /// Whether what flatten() gave is all, and within the limits of a record.
  [[nodiscard]] bool fit() const { return !is_over(); }

 private:
  struct Member {
    std::string_view name;
    livedata_yyjson::yyjson_val* value;
  };

  void append(livedata_yyjson::yyjson_val* value, int depth);
  void append_leaf(livedata_yyjson::yyjson_val* value);
  void push(const Field& field);
  [[nodiscard]] bool is_over() const {
    return fields_.size() > limits_.max_fields || num_bytes_ > limits_.max_fields_bytes;
  }

  const Limits& limits_;
  std::vector<Member> members_;
  std::vector<Field> plain_;
  std::vector<Field> fields_;
  std::size_t num_bytes_ = 0;  // of names and values in fields_
  std::string path_;           // of the value being appended, with '_' between its parts
  std::array<std::byte, 4096> first_bytes_{};
  std::pmr::monotonic_buffer_resource kept_{first_bytes_.data(), first_bytes_.size()};
};

}  // namespace livedata::ingest
