#include "storage/scan/overlaps.h"

#include <algorithm>

namespace livedata::storage {
namespace {

/// Where at least two of the intervals, sorted by start, cover a time; merged and ascending.
std::vector<Overlaps::Interval> covered_twice(std::vector<Overlaps::Interval>& spans) {
  std::sort(spans.begin(), spans.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Overlaps::Interval> out;
  TimestampNs reach = spans.front().last;  // the furthest end so far
  for (std::size_t i = 1; i < spans.size(); ++i) {
    const Overlaps::Interval shared{spans[i].first, std::min(reach, spans[i].last)};
    reach = std::max(reach, spans[i].last);
    if (shared.first > shared.last) continue;
    if (!out.empty() && shared.first <= out.back().last) {
      out.back().last = std::max(out.back().last, shared.last);
    } else {
      out.push_back(shared);
    }
  }
  return out;
}

}  // namespace

void Overlaps::add(const StreamId& stream, TimestampNs first, TimestampNs last) {
  by_stream_[stream].push_back({first, last});
}

void Overlaps::finish() {
  for (auto it = by_stream_.begin(); it != by_stream_.end();) {
    it->second = covered_twice(it->second);
    it = it->second.empty() ? by_stream_.erase(it) : std::next(it);
  }
}

std::span<const Overlaps::Interval> Overlaps::of(const StreamId& stream) const {
  const auto found = by_stream_.find(stream);
  if (found == by_stream_.end()) return {};
  return found->second;
}

bool contains(std::span<const Overlaps::Interval> intervals, TimestampNs time) {
  const auto after =
      std::upper_bound(intervals.begin(), intervals.end(), time,
                       [](TimestampNs t, const Overlaps::Interval& i) { return t < i.first; });
  return after != intervals.begin() && time <= std::prev(after)->last;
}

}  // namespace livedata::storage
