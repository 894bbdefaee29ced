#pragma once

#include <optional>

#include "archive/s3/metadata_service.h"
#include "archive/s3/s3_options.h"
#include "archive/s3/signature.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "base/mutex.h"
#include "http_client/http_client.h"

namespace livedata::archive::s3 {

/// Gives what signs requests, from the first place that has some (CredentialsOptions), and asks
/// again before it expires. Files are read again every minute, so that they can be replaced.
/// Thread-safe; threads that need it wait while one asks.
class CredentialsSource {
 public:
  /// All but the options outlive it. `transport` goes through no proxy.
  CredentialsSource(CredentialsOptions options, FileSystem& files,
                    http_client::Transport& transport, const Clock& clock);

  /// kUnauthenticated where no place has any, and says which were looked at.
  Result<Credentials> get(const Deadline& deadline) LIVEDATA_EXCLUDES(mutex_);
  /// The server refused them: the next get() asks anew. False where that would give the same.
  bool forget() LIVEDATA_EXCLUDES(mutex_);

 private:
  [[nodiscard]] std::string variable(const std::string& name) const;
  Result<std::optional<LentCredentials>> from_file(const std::string& profile) const;
  Result<LentCredentials> ask(const Deadline& deadline) const;

  const CredentialsOptions options_;
  FileSystem& files_;
  http_client::Transport& transport_;
  const Clock& clock_;
  Mutex mutex_;
  std::optional<LentCredentials> current_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::archive::s3
