#include "app/buffer_watch.h"

#include "base/buffer_gauges.h"

namespace livedata {
namespace {

constexpr double kWarnAt = 0.7;
constexpr auto kWarnInterval = std::chrono::minutes(1);

}  // namespace

int BufferWatch::look() {
  int warnings = 0;
  const auto now = clock_.steady_now();
  for (const auto& [labels, used] : metrics_.read_gauges(kBufferUsedGauge)) {
    if (used < kWarnAt) continue;
    const auto [last, is_first] = warned_.try_emplace(labels, now);
    if (!is_first && now - last->second < kWarnInterval) continue;
    last->second = now;
    ++warnings;
    logger_.warn(
        "the {} is {:.0f} % full, as records come in faster than they are stored; when it is full "
        "they are refused",
        labels, used * 100);
  }
  return warnings;
}

}  // namespace livedata
