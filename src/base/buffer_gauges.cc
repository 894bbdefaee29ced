#include "base/buffer_gauges.h"

#include <fmt/core.h>

namespace livedata {
namespace {

constexpr std::string_view kBytes = "livedata_buffer_bytes";
constexpr std::string_view kLimit = "livedata_buffer_limit_bytes";

}  // namespace

BufferGauges::BufferGauges(MetricRegistry& metrics, std::string_view buffer, double limit,
                           const std::function<double()>& read)
    : metrics_(metrics), labels_(fmt::format("buffer=\"{}\"", buffer)) {
  if (limit <= 0) return;
  metrics_.gauge(kBytes, "Bytes that wait in each buffer", labels_, read);
  metrics_.gauge(kLimit, "The most bytes that each buffer takes", labels_,
                 [limit] { return limit; });
  metrics_.gauge(kBufferUsedGauge, "How full each buffer is, from 0 to 1", labels_,
                 [limit, read] { return read() / limit; });
}

BufferGauges::~BufferGauges() {
  for (const std::string_view name : {kBytes, kLimit, kBufferUsedGauge})
    metrics_.remove_gauge(name, labels_);
}

}  // namespace livedata
