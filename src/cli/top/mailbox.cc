#include "cli/top/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace livedata::cli::top {

Mailbox::Mailbox() : file_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
Mailbox::~Mailbox() { ::close(file_); }

void Mailbox::put(Update update) {
  const MutexLock lock(mutex_);
  updates_.push_back(std::move(update));
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(file_, &one, sizeof one);
}

std::vector<Update> Mailbox::take() {
  const MutexLock lock(mutex_);
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t size = ::read(file_, &count, sizeof count);
  return std::exchange(updates_, {});
}

}  // namespace livedata::cli::top
