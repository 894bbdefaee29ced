#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "archive/object_store/object_store.h"
#include "archive/s3/credentials.h"
#include "archive/s3/s3_client.h"
#include "archive/s3/s3_options.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "http_client/http_client.h"

namespace livedata::archive::s3 {

/// Objects in a bucket of S3 or of a server that speaks its API. What has more than one part is
/// put part by part, and gone on with after a crash (MultipartUpload); one process at a time may
/// put a key. Every payload is signed with its SHA-256 and sent with its MD5 or CRC-32C, so that
/// the server refuses one that was damaged; what is read whole is held against its CRC-32C where
/// the server has one. Thread-safe.
class S3Store final : public ObjectStore {
 public:
  /// What the store talks to. Files and clock outlive it.
  struct Surroundings {
    FileSystem& files;
    std::shared_ptr<http_client::Transport> transport;           ///< to the endpoint
    std::shared_ptr<http_client::Transport> metadata_transport;  ///< through no proxy
    const Clock& clock;
  };

  /// Asks nobody yet; kInvalidArgument for options that can't be right.
  static Result<std::unique_ptr<S3Store>> create(const S3Options& options,
                                                 const Surroundings& surroundings,
                                                 RetryPolicy retry = RetryPolicy::usual());

  Result<void> put_file(std::string_view key, const Path& file, const Deadline& deadline) override;
  Result<void> put(std::string_view key, std::string_view bytes, const Deadline& deadline) override;
  Result<std::string> get(std::string_view key, std::size_t max_bytes,
                          const Deadline& deadline) override;
  Result<std::size_t> read(std::string_view key, std::uint64_t offset, std::span<char> target,
                           const Deadline& deadline) override;
  Result<Object> stat(std::string_view key, const Deadline& deadline) override;
  Result<std::vector<Object>> list(std::string_view prefix, const Deadline& deadline) override;
  Result<void> remove(std::string_view key, const Deadline& deadline) override;

 private:
  S3Store(const Surroundings& surroundings, std::unique_ptr<CredentialsSource> credentials,
          S3Client client);

  /// The key with the prefix.
  [[nodiscard]] Result<std::string> full_key(std::string_view key) const;

  const Surroundings surroundings_;
  std::unique_ptr<CredentialsSource> credentials_;
  S3Client client_;
};

}  // namespace livedata::archive::s3
