#include "cli/top/first_model.h"

#include <ctime>

#include "cli/top/local_machine.h"

namespace livedata::cli::top {

int utc_offset(TimestampNs now) {
  const std::time_t seconds = now / kNsPerSecond;
  std::tm parts{};
  return ::localtime_r(&seconds, &parts) == nullptr ? 0 : static_cast<int>(parts.tm_gmtoff);
}

Model first_model(const Options& options) {
  Model model;
  model.local_host = local_host_name();
  model.host = options.host.empty() ? model.local_host : options.host;
  model.is_local = model.host == model.local_host;
  model.server = options.server;
  model.interval_ns = options.interval.count();
  model.filter = options.filter;
  model.order.key = options.sort;
  model.now = SystemClock().now();
  model.utc_offset = utc_offset(model.now);
  return model;
}

}  // namespace livedata::cli::top
