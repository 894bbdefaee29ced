#include "cli/files/interrupt.h"

#include <pthread.h>
#include <unistd.h>

namespace livedata::cli {

Interrupt::Interrupt(const Deadline& deadline) {
  ::sigemptyset(&signals_);
  ::sigaddset(&signals_, SIGINT);
  ::sigaddset(&signals_, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  waiter_ = std::thread([this, deadline] { wait(deadline); });
}

Interrupt::~Interrupt() {
  is_over_ = true;
  waiter_.join();
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Interrupt::wait(const Deadline& deadline) {
  constexpr timespec kLook{.tv_sec = 0, .tv_nsec = 20'000'000};
  while (!is_over_) {
    const int signal = ::sigtimedwait(&signals_, nullptr, &kLook);
    if (signal < 0) continue;
    if (signal_ != 0) ::_exit(128 + signal);
    signal_ = signal;
    deadline.cancel();
  }
}

}  // namespace livedata::cli
