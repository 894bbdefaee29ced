#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/record_intake.h"
#include "ingest/stream_cache.h"
#include "ingest/values/json_fields.h"

namespace livedata::ingest::elastic {

/// Why a document was not taken, in Elasticsearch's words.
struct DocumentError {
  int status = 400;
  std::string_view type;
  std::string reason;
};

/// Turns the documents of one request into records.
///   time    @timestamp, else timestamp or time where they hold one, else the time of arrival
///   line    message, else log or msg, else the whole document
///   labels  index, and from ECS (or Fluent Bit's Kubernetes filter) service_name, host, container,
///           namespace, pod
///   fields  everything else, flattened; log.level is called level; the document's _id if it was
///           given
/// A document with more than a record may have in its fields is its line as a whole, without them.
class DocumentReader {
 public:
  DocumentReader(const DecodeContext& context, RecordIntake& intake);

  /// Nothing if the document was taken. `id` may be empty.
  std::optional<DocumentError> read(std::string_view index, std::string_view id,
                                    std::string_view source);

 private:
  // Names for the same thing, the better one first.
  static constexpr std::array<std::string_view, 3> kTimeNames = {"@timestamp", "timestamp", "time"};
  static constexpr std::array<std::string_view, 3> kLineNames = {"message", "log", "msg"};
  using Candidates = std::array<livedata_yyjson::yyjson_val*, 3>;

  Result<void> read_members(livedata_yyjson::yyjson_val* document);
  Result<TimestampNs> take_time();
  std::optional<std::string_view> take_line();
  std::string_view whole(std::string_view source, livedata_yyjson::yyjson_val* document);
  void read_labels(std::string_view index, livedata_yyjson::yyjson_val* document);
  /// Leaves out what is a label, and renames the level.
  void adapt(std::vector<Field>& fields) const;

  RecordIntake& intake_;
  StreamCache streams_;
  JsonFields fields_;
  std::vector<StreamCache::LabelView> labels_;
  Candidates times_{};
  Candidates lines_{};
  TimestampNs next_arrival_;
};

}  // namespace livedata::ingest::elastic
