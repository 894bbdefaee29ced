#include "tenant/sessions.h"

#include <algorithm>
#include <array>

namespace livedata::tenant {

std::string Sessions::begin(std::string authorization) {
  std::array<unsigned char, 32> bytes{};
  random_(bytes);
  std::string secret = base64url(bytes);
  const auto now = clock_.steady_now();
  const MutexLock lock(mutex_);
  std::erase_if(sessions_, [now](const auto& entry) { return entry.second.expires <= now; });
  if (sessions_.size() >= kMaxSessions) {
    sessions_.erase(std::min_element(
        sessions_.begin(), sessions_.end(),
        [](const auto& a, const auto& b) { return a.second.expires < b.second.expires; }));
  }
  sessions_.insert_or_assign(digest(secret), Session{.authorization = std::move(authorization),
                                                     .expires = now + kLifetime});
  return secret;
}

std::string Sessions::find(std::string_view secret) const {
  const std::string key = digest(secret);
  const MutexLock lock(mutex_);
  const auto found = sessions_.find(key);
  if (found == sessions_.end() || found->second.expires <= clock_.steady_now()) return {};
  return found->second.authorization;
}

void Sessions::end(std::string_view secret) {
  const MutexLock lock(mutex_);
  sessions_.erase(digest(secret));
}

}  // namespace livedata::tenant
