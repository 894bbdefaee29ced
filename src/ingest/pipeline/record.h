#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/labels.h"
#include "model/limits.h"
#include "model/record_batch.h"

namespace livedata::ingest::pipeline {

/// Tells what failed in a record's pipeline: "json: it is not a JSON object".
constexpr std::string_view kErrorField = "pipeline_error";

/// A label that a record's stream gets, or with an empty value loses.
struct LabelChange {
  std::string_view name;
  std::string_view value;
};

/// A record on its way through a pipeline. All views point into what the record was made of, into
/// the configuration, or into the arena of the run; whoever sets one sees to that. What it is given
/// is kept within the limits, so that no stage makes a record of which the store has to refuse.
/// Not thread-safe.
class PipelineRecord {
 public:
  explicit PipelineRecord(const Limits& limits) : limits_(limits) {}

  /// Begins a record; `labels` and `fields` are the caller's, and `fields` is changed.
  void reset(const Labels& labels, TimestampNs timestamp, std::string_view line,
             std::vector<Field>& fields);

  [[nodiscard]] TimestampNs timestamp() const { return timestamp_; }
  void set_timestamp(TimestampNs timestamp) { timestamp_ = timestamp; }

  [[nodiscard]] std::string_view line() const { return line_; }
  /// False, and nothing changes, if the line is longer than the limit and than the line it was.
  bool set_line(std::string_view line);

  [[nodiscard]] std::span<const Field> fields() const { return *fields_; }
  /// Null if there is none of this name. Valid until fields are added or removed.
  [[nodiscard]] const Field* find_field(std::string_view name) const;
  /// Replaces or adds. False, and nothing changes, where the limits of a record allow no more.
  bool set_field(std::string_view name, FieldValue value);
  void remove_field(std::string_view name);
  /// Another field of the new name is replaced. False if there is no field `from`.
  bool rename_field(std::string_view from, std::string_view to);
  template <class Predicate>
  void remove_fields_if(const Predicate& predicate) {
    std::erase_if(*fields_, [&](const Field& field) {
      if (!predicate(field)) return false;
      field_bytes_ -= size_of(field);
      return true;
    });
  }
  /// The error field, which always has room.
  void set_error(std::string_view text);

  /// As changed so far; "" for an absent one.
  [[nodiscard]] std::string_view label(std::string_view name) const;
  /// Replaces or adds; an empty value removes. False, and nothing changes, where the limits of a
  /// stream allow no more.
  bool set_label(std::string_view name, std::string_view value);
  [[nodiscard]] const Labels& labels_before() const { return *labels_; }
  [[nodiscard]] std::span<const LabelChange> label_changes() const { return label_changes_; }
  /// The labels with their changes.
  [[nodiscard]] Labels labels() const;

  [[nodiscard]] const Limits& limits() const { return limits_; }

 private:
  static std::size_t size_of(const Field& field);

  const Limits& limits_;
  const Labels* labels_ = nullptr;
  std::vector<LabelChange> label_changes_;
  std::size_t num_labels_ = 0;
  TimestampNs timestamp_ = 0;
  std::string_view line_;
  std::size_t line_bytes_before_ = 0;
  std::vector<Field>* fields_ = nullptr;
  std::size_t field_bytes_ = 0;
};

/// The value of a field as a text that needs no memory of its own if it is one already.
class FieldText {
 public:
  explicit FieldText(const FieldValue& value);
  [[nodiscard]] std::string_view view() const { return view_; }

 private:
  std::string own_;
  std::string_view view_;
};

}  // namespace livedata::ingest::pipeline
