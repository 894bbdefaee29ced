#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "ingest/record_intake.h"

namespace livedata::ingest {

/// The streams of one request by their labels: label sets that come with record after record are
/// checked and hashed once. Not thread-safe.
class StreamCache {
 public:
  struct LabelView {
    std::string_view name;
    std::string_view value;
  };

  explicit StreamCache(RecordIntake& intake) : intake_(intake) {}

  /// The stream with these labels, each name once. Without labels it is that of the unknown
  /// service.
  const RecordIntake::StreamSlot& find(std::span<const LabelView> labels);

 private:
  RecordIntake& intake_;
  std::unordered_map<std::string, RecordIntake::StreamSlot> by_key_;
  const std::pair<const std::string, RecordIntake::StreamSlot>* last_ = nullptr;  // in by_key_
  std::string key_;
};

}  // namespace livedata::ingest
