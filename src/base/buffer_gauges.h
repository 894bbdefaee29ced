#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/metric.h"

namespace livedata {

/// How full each bounded buffer is, 0 to 1, with the label `buffer`.
constexpr std::string_view kBufferUsedGauge = "livedata_buffer_used_ratio";

/// Shows a bounded buffer on the metrics page, as long as this lives: livedata_buffer_bytes,
/// livedata_buffer_limit_bytes and kBufferUsedGauge.
class BufferGauges {
 public:
  /// `read` gives the bytes in use and may be called from any thread. A limit of 0: there is no
  /// such buffer, and nothing is shown.
  BufferGauges(MetricRegistry& metrics, std::string_view buffer, double limit,
               const std::function<double()>& read);
  ~BufferGauges();
  BufferGauges(const BufferGauges&) = delete;
  BufferGauges& operator=(const BufferGauges&) = delete;

 private:
  MetricRegistry& metrics_;
  const std::string labels_;
};

}  // namespace livedata
