#include "cli/top/machine_feed.h"

#include <thread>

namespace livedata::cli::top {
namespace {

/// Rates need two readings; the first page is not to wait for long.
constexpr auto kFirstRound = std::chrono::milliseconds(250);

}  // namespace

Result<Snapshot> MachineFeed::sample(const Wanted& wanted, TimestampNs now) {
  if (wanted.is_local && !wanted.moment) {
    if (local_ == nullptr) {
      local_ = std::make_unique<LocalMachine>();
      local_->sample(now, std::chrono::steady_clock::now());
      std::this_thread::sleep_for(kFirstRound);
      now += std::chrono::nanoseconds(kFirstRound).count();
    }
    return local_->sample(now, std::chrono::steady_clock::now());
  }
  if (recorded_ == nullptr || recorded_host_ != wanted.host) {
    recorded_ = std::make_unique<RecordedMachine>(server_, wanted.host);
    recorded_host_ = wanted.host;
  }
  return recorded_->sample(wanted.moment.value_or(now));
}

}  // namespace livedata::cli::top
