#include "ingest/label_guard.h"

#include <utility>

#include "model/service_name.h"

namespace livedata::ingest {
namespace {

constexpr TimestampNs kDay = 24 * 3600 * kNsPerSecond;
constexpr std::string_view kUnknownService = "unknown_service";

}  // namespace

std::vector<Label> LabelGuard::take_away(StreamRef& stream, std::string_view source,
                                         TimestampNs now) {
  std::vector<Label> taken;
  if (max_values_ == 0) return taken;
  const std::uint64_t key = stream->id.low | 1U;  // never 0
  std::atomic<std::uint64_t>& slot = known_[(key >> 1U) % known_.size()];
  if (now < day_end_.load(std::memory_order_relaxed) && slot.load(std::memory_order_relaxed) == key)
    return taken;

  const MutexLock lock(mutex_);
  if (now >= day_end_.load(std::memory_order_relaxed)) begin_day(now);
  for (const Label& label : stream->labels) {
    if (!admit(label, source, now)) taken.push_back(label);
  }
  if (taken.empty()) {
    slot.store(key, std::memory_order_relaxed);
    return taken;
  }
  Labels left = stream->labels;
  for (Label& label : taken) {
    const bool is_service = label.name == kServiceNameLabel;
    left.set(label.name, is_service ? kUnknownService : std::string_view());
    if (is_service) label.name = kServiceNameAsField;
  }
  stream = std::make_shared<const Stream>(std::move(left));
  return taken;
}

void LabelGuard::begin_day(TimestampNs now) {
  names_.clear();
  num_values_ = 0;
  told_of_names_ = false;
  for (auto& known : known_) known.store(0, std::memory_order_relaxed);
  day_end_.store(now + kDay, std::memory_order_relaxed);
}

bool LabelGuard::admit(const Label& label, std::string_view source, TimestampNs now) {
  using Admission = pipeline::LabelValues::Admission;
  if (label.name == kServiceNameLabel && label.value == kUnknownService) return true;
  auto found = names_.find(label.name);
  if (found == names_.end()) {
    if (names_.size() >= kMaxNames) {
      if (!std::exchange(told_of_names_, true)) {
        logger_.warn(
            "there are more than {} different labels, the last one is '{}' from source {}; further "
            "ones are kept as fields",
            kMaxNames, label.name, source);
      }
      return false;
    }
    found = names_.try_emplace(label.name, max_values_).first;
  }
  const bool all_full = num_values_ >= max_values_ * kLabelsAtTheLimit;
  const Admission admission = found->second.admit(label.value, now, all_full);
  if (admission == Admission::kNew) ++num_values_;
  if (admission == Admission::kFirstRefused) {
    logger_.warn(
        "the label '{}' from source {} has too many values within a day, more than {} "
        "(limits.max_label_values) of its own or {} with the others; further ones are kept as "
        "fields. Labels are for what has few values",
        label.name, source, max_values_, max_values_ * kLabelsAtTheLimit);
  }
  return admission == Admission::kKnown || admission == Admission::kNew;
}

}  // namespace livedata::ingest
