#include "cli/records/sorted_records.h"

#include <algorithm>

#include "storage/flush/block_builder.h"
#include "storage/flush/flush.h"
#include "storage/flush/row_order.h"

namespace livedata::cli {
namespace {

constexpr auto kDay = std::chrono::hours(24);

std::shared_ptr<const RecordBatch> gather(storage::BatchList batches,
                                          const std::vector<storage::SortedRow>& rows,
                                          std::vector<StreamRef> streams) {
  storage::BlockBuilder builder;
  std::vector<storage::BlockBuilder::Slot> slots;
  for (const auto& batch : batches) slots.push_back(builder.attach(*batch));
  for (const storage::SortedRow& row : rows) builder.add(slots[row.batch], row.row, row.stream);
  RecordBatch::Columns columns = builder.take();
  columns.streams = std::move(streams);
  return std::make_shared<const RecordBatch>(RecordBatch::adopt(std::move(columns)));
}

TimestampNs day_of(TimestampNs time) { return storage::window_start(time, kDay); }

}  // namespace

Result<void> SortedRecords::fill() {
  while (!is_done_ && waiting_bytes_ < memory_bytes_) {
    // What is behind the part's end has to wait.
    if (parts_ == Parts::kDays && !waiting_.empty() && window_ &&
        day_of(waiting_.back()->max_timestamp()) > *window_)
      return {};
    LIVEDATA_TRY(auto batch, stream_.next());
    is_done_ = batch == nullptr;
    if (is_done_ || batch->empty()) continue;
    waiting_bytes_ += batch->size_bytes();
    waiting_.push_back(std::move(batch));
  }
  return {};
}

std::shared_ptr<const RecordBatch> SortedRecords::take_sorted() {
  const auto batches = std::exchange(waiting_, {});
  waiting_bytes_ = 0;
  std::vector<storage::SortedRow> rows;
  std::vector<storage::SortedRow> later;
  for (auto& [start, of_day] : storage::split_by_window(batches, kDay)) {
    auto& to = parts_ == Parts::kOne || start <= *window_ ? rows : later;
    to.insert(to.end(), of_day.begin(), of_day.end());
  }
  const auto sort = [&](std::vector<storage::SortedRow> unsorted) {
    storage::RowOrder order = storage::order_rows(batches, std::move(unsorted));
    return gather(batches, order.rows, std::move(order.streams));
  };
  if (!later.empty()) {
    waiting_.push_back(sort(std::move(later)));
    waiting_bytes_ = waiting_.back()->size_bytes();
  }
  return rows.empty() ? nullptr : sort(std::move(rows));
}

Result<std::optional<TimestampNs>> SortedRecords::next_part() {
  window_.reset();
  LIVEDATA_RETURN_IF_ERROR(fill());
  if (waiting_.empty()) return std::optional<TimestampNs>();
  TimestampNs first = waiting_.front()->min_timestamp();
  for (const auto& batch : waiting_) first = std::min(first, batch->min_timestamp());
  window_ = day_of(first);
  return std::optional(first);
}

Result<std::shared_ptr<const RecordBatch>> SortedRecords::next() {
  LIVEDATA_RETURN_IF_ERROR(fill());
  if (waiting_.empty()) return std::shared_ptr<const RecordBatch>();
  return take_sorted();
}

}  // namespace livedata::cli
