#include "server/forward/sender_notices.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

namespace livedata::server {
namespace {

constexpr std::size_t kMaxTextBytes = 500;

std::string printable(std::string_view text) {
  std::string out(text.substr(0, kMaxTextBytes));
  std::replace_if(out.begin(), out.end(), [](char c) { return c < 0x20 || c == 0x7f; }, '?');
  return out;
}

}  // namespace

void SenderNotices::add(std::string_view text, Time now) {
  const MutexLock lock(mutex_);
  if (num_told_ == 0 || now - minute_begins_ >= std::chrono::minutes(1)) {
    minute_begins_ = now;
    num_told_ = 0;
  }
  if (num_told_ == kMostPerMinute) {
    ++num_left_out_;
    return;
  }
  ++num_told_;
  const std::size_t left_out = std::exchange(num_left_out_, 0);
  tell_(left_out == 0 ? printable(text)
                      : fmt::format("{} ({} notices before this one were left out)",
                                    printable(text), left_out));
}

}  // namespace livedata::server
