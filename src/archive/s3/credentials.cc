#include "archive/s3/credentials.h"

#include <limits>

#include "archive/s3/credentials_file.h"

namespace livedata::archive::s3 {
namespace {

constexpr TimestampNs kForEver = std::numeric_limits<TimestampNs>::max();
constexpr TimestampNs kFileTime = 60 * kNsPerSecond;
/// Before they expire: a large part may take as long.
constexpr TimestampNs kAhead = 5 * 60 * kNsPerSecond;
constexpr std::uint64_t kMaxFileBytes = 1U << 20U;

}  // namespace

CredentialsSource::CredentialsSource(CredentialsOptions options, FileSystem& files,
                                     http_client::Transport& transport, const Clock& clock)
    : options_(std::move(options)), files_(files), transport_(transport), clock_(clock) {}

std::string CredentialsSource::variable(const std::string& name) const {
  const auto found = options_.environment.find(name);
  return found == options_.environment.end() ? std::string() : found->second;
}

Result<std::optional<LentCredentials>> CredentialsSource::from_file(
    const std::string& profile) const {
  std::string path = options_.credentials_file;
  if (path.empty()) path = variable("AWS_SHARED_CREDENTIALS_FILE");
  const bool is_named = !path.empty();
  if (path.empty() && !variable("HOME").empty()) path = variable("HOME") + "/.aws/credentials";
  if (path.empty()) return std::nullopt;
  const auto file = files_.open(path);
  if (!file && !is_named && file.error().code != ErrorCode::kIoError) return std::nullopt;
  if (!file) return fail(file.error());
  if ((*file)->size() > kMaxFileBytes)
    return fail(ErrorCode::kTooLarge, "{} is no file of credentials: it has {} bytes", path,
                (*file)->size());
  std::string text(static_cast<std::size_t>((*file)->size()), '\0');
  LIVEDATA_RETURN_IF_ERROR((*file)->read_at(0, text));
  auto found = find_profile(text, profile);
  if (!found) return std::nullopt;
  // get() asks kAhead before the end.
  return LentCredentials{*std::move(found), clock_.now() + kAhead + kFileTime};
}

Result<LentCredentials> CredentialsSource::ask(const Deadline& deadline) const {
  if (!options_.access_key_id.empty() && !options_.secret_access_key.empty())
    return LentCredentials{
        {options_.access_key_id, options_.secret_access_key, options_.session_token}, kForEver};
  if (!options_.profile.empty()) {
    LIVEDATA_TRY(auto found, from_file(options_.profile));
    if (found) return *std::move(found);
    return fail(ErrorCode::kUnauthenticated,
                "the credentials file has no profile '{}' with aws_access_key_id and "
                "aws_secret_access_key; see archive.s3.profile",
                options_.profile);
  }
  const std::string id = variable("AWS_ACCESS_KEY_ID");
  const std::string secret = variable("AWS_SECRET_ACCESS_KEY");
  if (!id.empty() && !secret.empty())
    return LentCredentials{{id, secret, variable("AWS_SESSION_TOKEN")}, kForEver};
  const std::string profile = variable("AWS_PROFILE");
  LIVEDATA_TRY(auto of_file, from_file(profile.empty() ? "default" : profile));
  if (of_file) return *std::move(of_file);
  LIVEDATA_TRY(auto of_container, ask_container(transport_, options_.environment, deadline));
  if (of_container) return *std::move(of_container);
  auto of_instance = ask_instance(transport_, options_.environment, deadline);
  if (of_instance && *of_instance) return **std::move(of_instance);
  LIVEDATA_RETURN_IF_ERROR(deadline.check());
  return fail(ErrorCode::kUnauthenticated,
              "no credentials for S3: set archive.s3.access_key_id and secret_access_key, or "
              "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a credentials file, or give the "
              "instance a role ({})",
              of_instance ? "its metadata service is switched off" : of_instance.error().message);
}

Result<Credentials> CredentialsSource::get(const Deadline& deadline) {
  const MutexLock lock(mutex_);
  const TimestampNs now = clock_.now();
  if (current_ && (current_->expires_at == kForEver || now < current_->expires_at - kAhead))
    return current_->credentials;
  auto asked = ask(deadline);
  // What is there is good for some minutes yet.
  if (!asked && current_ && now < current_->expires_at) return current_->credentials;
  if (!asked) return fail(std::move(asked).error());
  current_ = *std::move(asked);
  return current_->credentials;
}

bool CredentialsSource::forget() {
  const MutexLock lock(mutex_);
  const bool may_change = current_ && current_->expires_at != kForEver;
  if (may_change) current_.reset();
  return may_change;
}

}  // namespace livedata::archive::s3
