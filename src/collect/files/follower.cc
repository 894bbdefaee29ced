#include "collect/files/follower.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <ctime>

#include "base/check.h"
#include "base/thread_pool.h"

namespace livedata::collect {
namespace {

/// What a busy writer writes meanwhile is stored together.
constexpr auto kPause = std::chrono::milliseconds(10);

}  // namespace

Follower::Follower(LogFiles& files, std::function<void(const Result<void>&)> complain)
    : files_(files),
      complain_(std::move(complain)),
      stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] {
        name_this_thread("ld-files");
        run();
      }) {
  LIVEDATA_CHECK(static_cast<bool>(stop_));
}

Follower::~Follower() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

void Follower::run() {
  for (;;) {
    complain_(files_.step());
    const auto time = files_.wait_time();
    if (time.count() > 0 && !wait(kPause, false)) return;
    if (!wait(time, true)) return;
  }
}

bool Follower::wait(std::chrono::nanoseconds time, bool for_events) {
  std::array<pollfd, 2> fds = {
      {{stop_.get(), POLLIN, 0}, {for_events ? files_.event_fd() : -1, POLLIN, 0}}};
  const timespec timeout{time.count() / kNsPerSecond, time.count() % kNsPerSecond};
  ::ppoll(fds.data(), fds.size(), &timeout, nullptr);
  return (fds[0].revents & POLLIN) == 0;
}

}  // namespace livedata::collect
