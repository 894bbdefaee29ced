#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/mutex.h"
#include "tenant/secret.h"

namespace livedata::tenant {

/// Browsers that have signed in: a session stands for the header Authorization that was good when
/// it began, and is checked again at each request, so that who loses a token loses the session,
/// too. In memory only: a restart ends all. Thread-safe.
class Sessions {
 public:
  static constexpr std::size_t kMaxSessions = 10'000;
  static constexpr std::chrono::hours kLifetime{12};

  /// Both must outlive the object.
  Sessions(const Clock& clock, RandomBytes random) : clock_(clock), random_(std::move(random)) {}

  /// A new session's secret, for the cookie. The oldest session ends where there are too many.
  std::string begin(std::string authorization) LIVEDATA_EXCLUDES(mutex_);
  /// The header that it stands for; "" where there is no such session any more.
  [[nodiscard]] std::string find(std::string_view secret) const LIVEDATA_EXCLUDES(mutex_);
  void end(std::string_view secret) LIVEDATA_EXCLUDES(mutex_);

 private:
  struct Session {
    std::string authorization;
    std::chrono::steady_clock::time_point expires;
  };

  const Clock& clock_;
  const RandomBytes random_;
  mutable Mutex mutex_;
  // By the digest of the secret: looking one up takes as long whatever was presented.
  std::unordered_map<std::string, Session> sessions_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::tenant
