#include "archive/s3/retry.h"

#include <algorithm>
#include <random>
#include <thread>

namespace livedata::archive::s3 {
namespace {

constexpr std::chrono::milliseconds kLook{50};
constexpr int kMostDoublings = 20;

double random_share() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(random);
}

Result<void> wait(std::chrono::nanoseconds time, const Deadline& deadline) {
  const auto until = std::chrono::steady_clock::now() + time;
  for (;;) {
    LIVEDATA_RETURN_IF_ERROR(deadline.check());
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= left.zero()) return {};
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(left, kLook));
  }
}

}  // namespace

RetryPolicy RetryPolicy::usual() {
  RetryPolicy policy;
  policy.jitter = &random_share;
  policy.pause = &wait;
  return policy;
}

std::chrono::nanoseconds RetryPolicy::pause_after(int failed, std::chrono::seconds asked) const {
  const auto longest = std::chrono::nanoseconds(longest_pause);
  const auto doubled = first_pause * (std::int64_t{1} << std::clamp(failed - 1, 0, kMostDoublings));
  const auto bound = std::min<std::chrono::nanoseconds>(doubled, longest);
  const auto drawn = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double, std::nano>(static_cast<double>(bound.count()) * jitter()));
  return std::max<std::chrono::nanoseconds>(
      drawn, std::min<std::chrono::nanoseconds>(std::max(asked, asked.zero()), longest));
}

}  // namespace livedata::archive::s3
