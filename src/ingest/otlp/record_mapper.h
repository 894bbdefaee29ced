#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/otlp/attribute_fields.h"
#include "ingest/otlp/log_record.h"
#include "ingest/record_intake.h"

namespace livedata::ingest::otlp {

/// Makes records of what a request holds, for both encodings, with Loki's rules: resource
/// attributes such as service.name become labels; the other attributes and properties become
/// fields. Of equal names the record's own properties go before its attributes, those before the
/// scope's, and these before the resource's. The severity gives the level. One per request; not
/// thread-safe.
class RecordMapper {
 public:
  explicit RecordMapper(const DecodeContext& context);

  /// The resource of the records that follow, and then their scope; both must stay until the next
  /// one is set. A new resource forgets the scope.
  void set_resource(const Resource& resource);
  void set_scope(const Scope& scope);

  /// kTooLarge when the request's records take more memory than a body may: a resource's attributes
  /// are sent once, but stored with each of its records.
  Result<void> add(const LogRecord& record);
  /// Counts a record that could not be decoded.
  void reject(std::string_view message) { intake_.reject("invalid_record", message); }

  Decoded take() { return intake_.take(); }

 private:
  void add_properties(const LogRecord& record);
  TimestampNs time_of(const LogRecord& record);
  std::string_view level_of(const LogRecord& record) const;
  const RecordIntake::StreamSlot& stream();

  const Limits& limits_;
  RecordIntake intake_;
  NameCache names_;
  TimestampNs arrival_;
  std::vector<Label> labels_;
  bool has_stream_ = false;  // made with its first record, so that there are no empty ones
  RecordIntake::StreamSlot stream_;
  AttributeFields resource_fields_;
  AttributeFields scope_fields_;
  AttributeFields record_fields_;
  std::vector<Field> fields_;  // all of a record's
  std::size_t cost_ = 0;       // of all records so far
};

}  // namespace livedata::ingest::otlp
