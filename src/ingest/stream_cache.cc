#include "ingest/stream_cache.h"

#include "model/service_name.h"

namespace livedata::ingest {

namespace {

/// The length in front keeps texts apart that are divided otherwise.
void append_sized(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

}  // namespace

const RecordIntake::StreamSlot& StreamCache::find(std::span<const LabelView> labels) {
  key_.clear();
  for (const auto& [name, value] : labels) {
    append_sized(key_, name);
    append_sized(key_, value);
  }
  const auto found = by_key_.find(key_);
  if (found != by_key_.end()) return found->second;
  std::vector<Label> copies;
  for (const auto& [name, value] : labels) {
    copies.push_back({std::string(name), std::string(value)});
  }
  if (copies.empty()) copies.push_back({std::string(kServiceNameLabel), "unknown_service"});
  return by_key_.emplace(key_, intake_.stream(std::move(copies))).first->second;
}

}  // namespace livedata::ingest
