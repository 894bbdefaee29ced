#include "query/around/metric_history.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "model/service_name.h"
#include "query/around/host_labels.h"

namespace livedata::query::around {
namespace {

constexpr std::int64_t kBuckets = 360;
constexpr std::int64_t kMinBucketNs = 10 * kNsPerSecond;

/// Fields that say which device a record is about; the first one that is there does.
constexpr std::array<std::string_view, 11> kDeviceFields = {
    "mount", "interface", "core",  "resource",  "cgroup", "device",
    "chip",  "sensor",    "label", "container", "name"};

/// Fields that are numbers and measure nothing, or only ever grow.
constexpr std::array<std::string_view, 6> kNotMeasured = {
    "pid", "parent", "start_time", "since", "uptime_seconds", "carrier_changes"};

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Takes the numbers of batches into a history.
class Reading {
 public:
  Reading(MetricHistory& history, TimestampNs at) : history_(history), at_(at) {}

  void add(const storage::ScanRows& rows) {
    if (rows.rows.empty()) return;
    batch_ = rows.batch.get();
    group_of_row_.assign(batch_->num_rows(), kUnwanted);
    name_devices(rows);
    for (const FieldColumn& column : batch_->field_columns()) {
      if (column.type == FieldType::kInt64 || column.type == FieldType::kDouble) add(column);
    }
  }

 private:
  static constexpr std::uint32_t kUnwanted = UINT32_MAX;

  /// Rows of one stream and device are a group.
  void name_devices(const storage::ScanRows& rows) {
    std::vector<std::string> devices(batch_->num_rows());
    std::vector<const FieldColumn*> sensors;
    for (const std::string_view name : kDeviceFields) {
      for (const FieldColumn& column : batch_->field_columns()) {
        if (column.name != name) continue;
        if (name == "sensor") sensors.push_back(&column);
        for (std::size_t i = 0; i < column.rows.size(); ++i) {
          std::string& device = devices[column.rows[i]];
          if (device.empty()) device = to_string(column.value(i));
        }
      }
    }
    // A chip has several.
    for (const FieldColumn* column : sensors) {
      for (std::size_t i = 0; i < column->rows.size(); ++i) {
        const std::string sensor = to_string(column->value(i));
        std::string& device = devices[column->rows[i]];
        if (device != sensor) device += ' ' + sensor;
      }
    }
    std::unordered_map<std::string, std::uint32_t> known;
    sources_.clear();
    devices_.clear();
    for (const RowIndex row : rows.rows) {
      const std::string_view source = batch_->stream(row).labels.get("source");
      std::string key = devices[row];
      key += '\n';
      key += source;
      const auto [slot, is_new] =
          known.try_emplace(std::move(key), static_cast<std::uint32_t>(sources_.size()));
      if (is_new) {
        sources_.push_back(source);
        devices_.push_back(std::move(devices[row]));
      }
      group_of_row_[row] = slot->second;
    }
  }

  void add(const FieldColumn& column) {
    if (is_one_of(column.name, kNotMeasured) || is_one_of(column.name, kDeviceFields)) return;
    std::vector<MetricSeries*> of_group(sources_.size(), nullptr);
    for (std::size_t i = 0; i < column.rows.size(); ++i) {
      const RowIndex row = column.rows[i];
      const std::uint32_t group = group_of_row_[row];
      if (group == kUnwanted) continue;
      if (of_group[group] == nullptr) of_group[group] = series(group, column.name);
      if (of_group[group] == nullptr) continue;
      const double value = column.type == FieldType::kDouble
                               ? column.doubles[i]
                               : static_cast<double>(column.integers[i]);
      if (std::isfinite(value)) add(*of_group[group], batch_->timestamps()[row], value);
    }
  }

  MetricSeries* series(std::uint32_t group, const std::string& field) {
    MetricKey key{std::string(sources_[group]), devices_[group], field};
    const auto found = history_.series.find(key);
    if (found != history_.series.end()) return &found->second;
    if (history_.series.size() >= kMaxMetricSeries) {
      history_.is_cut = true;
      return nullptr;
    }
    MetricSeries& made = history_.series[std::move(key)];
    made.buckets.resize(static_cast<std::size_t>(
        (history_.range.end - history_.range.start - 1) / history_.bucket_ns + 1));
    return &made;
  }

  void add(MetricSeries& series, TimestampNs time, double value) const {
    const auto i = static_cast<std::size_t>((time - history_.range.start) / history_.bucket_ns);
    if (i >= series.buckets.size()) return;
    MetricBucket& bucket = series.buckets[i];
    bucket.sum += value;
    ++bucket.count;
    if (value > bucket.max) {
      bucket.max = value;
      bucket.max_time = time;
    }
    if (value < bucket.min) {
      bucket.min = value;
      bucket.min_time = time;
    }
    const std::int64_t distance = std::abs(time - at_);
    const bool is_closer =
        series.nearest.time == 0 || distance < std::abs(series.nearest.time - at_);
    if (distance <= kNearNs && is_closer) series.nearest = {time, value};
  }

  MetricHistory& history_;
  const TimestampNs at_;
  const RecordBatch* batch_ = nullptr;
  std::vector<std::uint32_t> group_of_row_;
  std::vector<std::string_view> sources_;  // of each group
  std::vector<std::string> devices_;
};

Result<std::vector<LabelMatcher>> metric_selection(std::string_view host) {
  LIVEDATA_TRY(auto is_host, LabelMatcher::make("host", MatchOp::kRegex, host_pattern(host)));
  LIVEDATA_TRY(auto is_metric,
               LabelMatcher::make(std::string(kServiceNameLabel), MatchOp::kEqual, ""));
  LIVEDATA_TRY(auto sources, LabelMatcher::make("source", MatchOp::kNotRegex,
                                                "process|process_group|process_event|unit|login|"));
  return std::vector<LabelMatcher>{std::move(is_host), std::move(is_metric), std::move(sources)};
}

}  // namespace

Result<MetricHistory> read_metrics(const Context& context, std::string_view host,
                                   const TimeRange& range, TimestampNs at) {
  MetricHistory history;
  history.range = range;
  history.bucket_ns = std::max(kMinBucketNs, (range.end - range.start) / kBuckets);
  if (range.empty()) return history;
  storage::ScanRequest request;
  request.range = range;
  LIVEDATA_TRY(request.matchers, metric_selection(host));
  request.columns.lines = false;
  request.direction = Direction::kForward;
  LIVEDATA_TRY(const storage::Scan scan, context.store.scan(context.scope, request));
  Reading reading(history, at);
  for (std::size_t i = 0; i < scan.num_units(); ++i) {
    LIVEDATA_TRY(const storage::ScanRows rows, scan.read(i, context.deadline));
    reading.add(rows);
  }
  return history;
}

}  // namespace livedata::query::around
