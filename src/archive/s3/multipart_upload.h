#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "archive/s3/s3_client.h"
#include "base/file_system.h"

namespace livedata::archive::s3 {

/// Puts a large file as one object, part by part. Nobody sees the object before all parts are there
/// and the upload is completed. An upload of the same key that was not completed is gone on with:
/// parts whose size and checksum agree with the file stay, others are sent again; further uploads
/// of the key are aborted. So one process at a time may put a key. On an error the upload stays for
/// the next try. Used once, by one thread; one part is held in memory.
class MultipartUpload {
 public:
  /// All outlive it. `part_bytes` as S3 allows it for a file of this size (part_bytes_for()).
  MultipartUpload(const S3Client& client, std::string key, const ReadableFile& file,
                  std::uint64_t part_bytes);

  Result<void> run(const Deadline& deadline);

  /// So large that 10,000 parts are enough.
  static std::uint64_t part_bytes_for(std::uint64_t file_bytes, std::uint64_t wanted);

 private:
  struct Part {
    std::string etag;  // "" until it is sent
    std::string crc32c;
  };
  struct Resumable {
    std::string upload_id;
    std::vector<Part> parts;
    std::size_t num_agreeing = 0;
  };

  [[nodiscard]] std::uint64_t num_parts() const;
  Result<std::string> read_part(std::size_t index) const;
  Result<std::vector<std::string>> unfinished_uploads(const Deadline& deadline) const;
  Result<Resumable> compare(const std::string& upload_id, const Deadline& deadline) const;
  Result<void> resume(const Deadline& deadline);
  Result<void> begin(const Deadline& deadline);
  Result<void> abort(const std::string& upload_id, const Deadline& deadline) const;
  Result<void> send_part(std::size_t index, const Deadline& deadline);
  Result<void> complete(const Deadline& deadline);
  Result<void> was_completed(const Deadline& deadline) const;

  const S3Client& client_;
  const std::string key_;
  const ReadableFile& file_;
  const std::uint64_t part_bytes_;
  std::string upload_id_;
  bool has_checksums_ = false;  // the server keeps a CRC-32C of every part
  std::vector<Part> parts_;
};

}  // namespace livedata::archive::s3
