#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/text_arena.h"
#include "model/limits.h"
#include "model/record_batch.h"

namespace livedata::ingest {

/// The fields of a record while they are collected. Who fills it stops once it is over the limits,
/// so that nobody works for, or has to hold, what is refused anyway. Not thread-safe.
class FieldList {
 public:
  explicit FieldList(const Limits& limits) : limits_(limits) {}
  FieldList(const FieldList&) = delete;
  FieldList& operator=(const FieldList&) = delete;

  /// Begins another record; ends the life of what was kept.
  void clear() {
    remove_fields();
    kept_.clear();
  }
  /// Begins again with the same record.
  void remove_fields() {
    fields_.clear();
    num_bytes_ = 0;
  }

  /// Name and text must outlive the record, or be kept.
  void add(std::string_view name, const FieldValue& value) {
    const auto* const text = std::get_if<std::string_view>(&value);
    num_bytes_ += name.size() + (text == nullptr ? sizeof(std::int64_t) : text->size());
    fields_.push_back({name, value});
  }

  /// Whether it has more than a record may have.
  [[nodiscard]] bool is_over() const {
    return fields_.size() > limits_.max_fields || num_bytes_ > limits_.max_fields_bytes;
  }
  [[nodiscard]] std::vector<Field>& fields() { return fields_; }
  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
  /// Texts that live as long as the record.
  [[nodiscard]] TextArena& arena() { return kept_; }

 private:
  const Limits& limits_;
  std::vector<Field> fields_;
  std::size_t num_bytes_ = 0;  // of names and values
  TextArena kept_;
};

}  // namespace livedata::ingest
