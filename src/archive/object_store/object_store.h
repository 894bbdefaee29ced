#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"

namespace livedata::archive {

/// Immutable files under keys such as `tenant/day=2026-01-02/source=logs/part-1.parquet`: a folder,
/// or a bucket of S3. Keys are made by us, relative, with `/` between parts of [A-Za-z0-9._=-]; a
/// key that is not is refused with kInvalidArgument. Thread-safe.
///
/// Errors: kNotFound where a key has no object; kUnavailable where another try may succeed;
/// kPermissionDenied; kIoError; kCancelled and kDeadlineExceeded.
class ObjectStore {
 public:
  struct Object {
    std::string key;
    std::uint64_t bytes = 0;
  };

  virtual ~ObjectStore() = default;

  /// Makes an object of a local file, in place of what the key had. It is seen whole or not at all,
  /// and is durable when this returns; after a crash the same call goes on where it can.
  virtual Result<void> put_file(std::string_view key, const std::filesystem::path& file,
                                const Deadline& deadline) = 0;
  /// The same of bytes in memory, for small objects such as manifests.
  virtual Result<void> put(std::string_view key, std::string_view bytes,
                           const Deadline& deadline) = 0;
  /// A whole object; kTooLarge where it has more than `max_bytes`.
  virtual Result<std::string> get(std::string_view key, std::size_t max_bytes,
                                  const Deadline& deadline) = 0;
  /// Reads into `target` from `offset` on; how many bytes there were, fewer only at the end.
  virtual Result<std::size_t> read(std::string_view key, std::uint64_t offset,
                                   std::span<char> target, const Deadline& deadline) = 0;
  /// kNotFound where there is none.
  virtual Result<Object> stat(std::string_view key, const Deadline& deadline) = 0;
  /// All objects whose keys begin with the prefix, by key.
  virtual Result<std::vector<Object>> list(std::string_view prefix, const Deadline& deadline) = 0;
  /// No error where the key has no object.
  virtual Result<void> remove(std::string_view key, const Deadline& deadline) = 0;
};

}  // namespace livedata::archive
