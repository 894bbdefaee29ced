#include "ingest/writer.h"

namespace livedata::ingest {
namespace {

constexpr std::string_view kRefusingGauge = "livedata_refusing_seconds";

bool is_refusal(const Result<void>& result) {
  return !result && (result.error().code == ErrorCode::kResourceExhausted ||
                     result.error().code == ErrorCode::kUnavailable);
}

}  // namespace

Writer::Writer(storage::Store& store, MetricRegistry& metrics, Admit admit)
    : store_(store), admit_(std::move(admit)), metrics_(metrics) {
  metrics.gauge(kRefusingGauge, "Seconds since the start in which the store took no records", "",
                [this] { return std::chrono::duration<double>(refusing_time()).count(); });
}

Writer::~Writer() { metrics_.remove_gauge(kRefusingGauge); }

Writer::Door& Writer::door(std::string_view source) {
  const MutexLock lock(mutex_);
  if (const auto found = doors_.find(source); found != doors_.end()) return found->second;
  const std::string label = fmt::format("source=\"{}\"", source);
  const auto counter = [&](std::string_view name, std::string_view help) -> Counter& {
    return metrics_.counter(name, help, label);
  };
  return doors_
      .try_emplace(
          std::string(source),
          Door{counter("livedata_records_ingested_total", "Records accepted and stored, by door"),
               counter("livedata_bytes_ingested_total", "Bytes of the lines of accepted records"),
               counter("livedata_writes_refused_total",
                       "Writes that the store refused for now; senders try again"),
               counter("livedata_lines_truncated_total",
                       "Records whose lines were cut at limits.max_line_bytes"),
               counter("livedata_labels_as_fields_total",
                       "Labels that became fields, as they had limits.max_label_values values")})
      .first->second;
}

Result<void> Writer::write(const TenantId& tenant, RecordBatch batch, std::string_view source,
                           const Bookmarks& bookmarks, storage::Durability durability) {
  return write(tenant, std::make_shared<RecordBatch>(std::move(batch)), source, bookmarks,
               durability);
}

Result<void> Writer::write(const TenantId& tenant, const std::shared_ptr<RecordBatch>& batch,
                           std::string_view source, const Bookmarks& bookmarks,
                           storage::Durability durability) {
  Door& counters = door(source);
  if (admit_ != nullptr) {
    if (auto let_in = admit_(tenant, batch->num_rows(), batch->lines().bytes().size()); !let_in) {
      counters.refused_writes.add();
      return let_in;
    }
  }
  auto stored = store_.append(tenant, batch, bookmarks, durability);
  note_refusal(is_refusal(stored));
  if (!stored) {
    if (is_refusal(stored)) counters.refused_writes.add();
    return stored;
  }
  counters.records.add(batch->num_rows());
  counters.bytes.add(batch->lines().bytes().size());
  return {};
}

void Writer::note_refusal(bool refused) {
  const auto now = std::chrono::steady_clock::now();
  const MutexLock lock(mutex_);
  if (refused == refusing_since_.has_value()) return;
  if (refused) {
    refusing_since_ = now;
  } else {
    refused_for_ += now - *refusing_since_;
    refusing_since_.reset();
  }
}

std::chrono::nanoseconds Writer::refusing_time() const {
  const MutexLock lock(mutex_);
  if (!refusing_since_) return refused_for_;
  return refused_for_ + (std::chrono::steady_clock::now() - *refusing_since_);
}

void Writer::count(const Decoded& decoded) {
  if (decoded.num_truncated > 0) door(decoded.source).truncated.add(decoded.num_truncated);
  if (decoded.num_labels_as_fields > 0)
    door(decoded.source).labels_as_fields.add(decoded.num_labels_as_fields);
  for (const Rejection& rejection : decoded.rejected) {
    metrics_
        .counter("livedata_records_rejected_total", "Records refused, by door and reason",
                 fmt::format("source=\"{}\",reason=\"{}\"", decoded.source, rejection.reason))
        .add(rejection.count);
  }
}

}  // namespace livedata::ingest
