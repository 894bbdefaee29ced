#include "ingest/stream_cache.h"

#include <array>
#include <cstdint>
#include <cstring>

#include "model/service_name.h"

namespace livedata::ingest {

namespace {

/// The length in front keeps texts apart that are divided otherwise.
void append_sized(std::string& out, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  std::array<char, sizeof(size)> bytes{};
  std::memcpy(bytes.data(), &size, sizeof(size));
  out.append(bytes.data(), bytes.size());
  out += text;
}

}  // namespace

const RecordIntake::StreamSlot& StreamCache::find(std::span<const LabelView> labels) {
  key_.clear();
  for (const auto& [name, value] : labels) {
    append_sized(key_, name);
    append_sized(key_, value);
  }
  // Records of one stream tend to follow each other.
  if (last_ != nullptr && key_ == last_->first) return last_->second;
  const auto found = by_key_.find(key_);
  if (found != by_key_.end()) {
    last_ = &*found;
    return last_->second;
  }
  std::vector<Label> copies;
  for (const auto& [name, value] : labels) {
    copies.push_back({std::string(name), std::string(value)});
  }
  if (copies.empty()) copies.push_back({std::string(kServiceNameLabel), "unknown_service"});
  last_ = &*by_key_.emplace(key_, intake_.stream(std::move(copies))).first;
  return last_->second;
}

}  // namespace livedata::ingest
