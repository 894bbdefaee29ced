#include "storage/head/head.h"

#include <algorithm>

#include "base/bytes.h"

namespace livedata::storage {
namespace {

// Batches of this size are as good as a segment's block for a scan, and stay as they are.
constexpr std::size_t kMergedBytes = 1_MiB;

std::shared_ptr<const RecordBatch> merged(const RecordBatch& older, const RecordBatch& newer) {
  auto batch = std::make_shared<RecordBatch>();
  batch->add_all(older);
  batch->add_all(newer);
  return batch;
}

}  // namespace

HeadBatch::HeadBatch(std::shared_ptr<const RecordBatch> r)
    : records(std::move(r)), bounds(records->streams().size()) {
  std::vector<bool> seen(bounds.size());
  for (std::size_t row = 0; row < records->num_rows(); ++row) {
    const std::uint32_t stream = records->stream_ordinals()[row];
    const TimestampNs time = records->timestamps()[row];
    Bounds& b = bounds[stream];
    is_strictly_ordered = is_strictly_ordered && (!seen[stream] || time > b.max);
    b.min = seen[stream] ? std::min(b.min, time) : time;
    b.max = seen[stream] ? std::max(b.max, time) : time;
    seen[stream] = true;
  }
}

const ColumnCensus& HeadBatch::census() const {
  std::call_once(census_once_, [this] { census_ = count_columns(*records); });
  return census_;
}

void Head::add(std::shared_ptr<const RecordBatch> records,
               std::chrono::steady_clock::time_point now) {
  const std::size_t added_bytes = records->size_bytes();
  const std::size_t added_rows = records->num_rows();
  // Only this thread changes the list, so the merging itself needs no lock.
  Batches next = batches();
  std::size_t bytes = added_bytes;
  while (!next.empty()) {
    const std::size_t older = next.back()->records->size_bytes();
    if (older > 2 * bytes || older + bytes > kMergedBytes) break;
    records = merged(*next.back()->records, *records);
    bytes = records->size_bytes();
    next.pop_back();
  }
  next.push_back(std::make_shared<const HeadBatch>(std::move(records)));
  const MutexLock lock(mutex_);
  batches_ = std::move(next);
  size_bytes_ += added_bytes;
  num_rows_ += added_rows;
  if (!born_) born_ = now;
}

Head::Batches Head::batches() const {
  const MutexLock lock(mutex_);
  return batches_;
}

std::size_t Head::size_bytes() const {
  const MutexLock lock(mutex_);
  return size_bytes_;
}

std::uint64_t Head::num_rows() const {
  const MutexLock lock(mutex_);
  return num_rows_;
}

std::optional<std::chrono::steady_clock::time_point> Head::born() const {
  const MutexLock lock(mutex_);
  return born_;
}

}  // namespace livedata::storage
