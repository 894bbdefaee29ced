#include "archive/s3/multipart_upload.h"

#include <algorithm>
#include <charconv>

#include "archive/s3/digests.h"
#include "encoding/base64.h"

namespace livedata::archive::s3 {
namespace {

constexpr std::uint64_t kMostParts = 10'000;
/// Pages of uploads and parts that are looked at; a page has a thousand.
constexpr int kMostPages = 20;
constexpr std::size_t kMostUploads = 8;

std::string without_quotes(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"')
    etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

/// It goes back to the server in a document.
bool is_plain(std::string_view etag) {
  return !etag.empty() && etag.size() <= 200 && std::all_of(etag.begin(), etag.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '"' || c == '=' || c == '+' || c == '/';
  });
}

/// The bytes of an ETag that is an MD5; "" for any other.
std::string md5_of(std::string_view etag) {
  const std::string text = without_quotes(etag);
  if (text.size() != 32) return {};
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned byte = 0;
    const auto [end, error] = std::from_chars(&text[i], &text[i] + 2, byte, 16);
    if (error != std::errc() || end != &text[i] + 2) return {};
    bytes += static_cast<char>(static_cast<unsigned char>(byte));
  }
  return bytes;
}

}  // namespace

MultipartUpload::MultipartUpload(const S3Client& client, std::string key, const ReadableFile& file,
                                 std::uint64_t part_bytes)
    : client_(client), key_(std::move(key)), file_(file), part_bytes_(part_bytes) {}

std::uint64_t MultipartUpload::part_bytes_for(std::uint64_t file_bytes, std::uint64_t wanted) {
  return std::max(wanted, (file_bytes + kMostParts - 1) / kMostParts);
}

std::uint64_t MultipartUpload::num_parts() const {
  return (file_.size() + part_bytes_ - 1) / part_bytes_;
}

Result<std::string> MultipartUpload::read_part(std::size_t index) const {
  const std::uint64_t from = index * part_bytes_;
  std::string bytes(static_cast<std::size_t>(std::min(part_bytes_, file_.size() - from)), '\0');
  LIVEDATA_RETURN_IF_ERROR(file_.read_at(from, bytes));
  return bytes;
}

Result<std::vector<std::string>> MultipartUpload::unfinished_uploads(
    const Deadline& deadline) const {
  std::vector<std::string> ids;
  Query query = {{"uploads", ""}, {"prefix", key_}};
  for (int n = 0; n < kMostPages; ++n) {
    const Operation operation{.method = "GET", .query = query};
    LIVEDATA_TRY(const Outcome outcome, client_.send(operation, deadline));
    // Not every server has the operation, and not every key the right to it: then nothing is
    // resumed.
    const int status = outcome.answer.status;
    if (status == 403 || status == 405 || status == 501) return ids;
    if (!outcome.is_ok()) return fail(client_.error_of(operation, outcome));
    LIVEDATA_TRY(const UploadPage page, read_upload_page(outcome.answer.body));
    for (const UploadPage::Row& row : page.rows) {
      if (row.key == key_ && ids.size() < kMostUploads) ids.push_back(row.upload_id);
    }
    if (!page.is_truncated || page.next_key.empty()) break;
    query = {{"uploads", ""},
             {"prefix", key_},
             {"key-marker", page.next_key},
             {"upload-id-marker", page.next_upload_id}};
  }
  return ids;
}

/// Which parts of the upload are the file's.
Result<MultipartUpload::Resumable> MultipartUpload::compare(const std::string& upload_id,
                                                            const Deadline& deadline) const {
  Resumable resumable{upload_id, std::vector<Part>(num_parts()), 0};
  Query query = {{"uploadId", upload_id}};
  for (int n = 0; n < kMostPages; ++n) {
    const Operation operation{.method = "GET", .key = key_, .query = query};
    LIVEDATA_TRY(const Outcome outcome, client_.send(operation, deadline));
    if (!outcome.is_ok()) return fail(client_.error_of(operation, outcome));
    LIVEDATA_TRY(const PartPage page, read_part_page(outcome.answer.body));
    for (const PartPage::Row& row : page.rows) {
      if (row.number == 0 || row.number > num_parts()) continue;
      LIVEDATA_TRY(const std::string bytes, read_part(row.number - 1));
      LIVEDATA_RETURN_IF_ERROR(deadline.check());
      const bool is_same = row.bytes == bytes.size() &&
                           (row.crc32c.empty() ? without_quotes(row.etag) == hex(md5(bytes))
                                               : row.crc32c == crc32c_base64(bytes));
      if (!is_same || !is_plain(row.etag)) continue;
      resumable.parts[row.number - 1] = {row.etag, row.crc32c};
      ++resumable.num_agreeing;
    }
    if (!page.is_truncated || page.next_number.empty()) break;
    query = {{"uploadId", upload_id}, {"part-number-marker", page.next_number}};
  }
  return resumable;
}

Result<void> MultipartUpload::abort(const std::string& upload_id, const Deadline& deadline) const {
  const Operation operation{.method = "DELETE", .key = key_, .query = {{"uploadId", upload_id}}};
  LIVEDATA_TRY(const Outcome outcome, client_.send(operation, deadline));
  if (outcome.is_ok() || outcome.answer.status == 404) return {};
  return fail(client_.error_of(operation, outcome));
}

/// Goes on with the upload that has most of the file, and aborts the others.
Result<void> MultipartUpload::resume(const Deadline& deadline) {
  LIVEDATA_TRY(const std::vector<std::string> ids, unfinished_uploads(deadline));
  Resumable best;
  for (const std::string& id : ids) {
    auto found = compare(id, deadline);
    // Completed or aborted meanwhile.
    if (!found && found.error().code == ErrorCode::kNotFound) continue;
    if (!found) return fail(std::move(found).error());
    if (found->num_agreeing > best.num_agreeing) std::swap(*found, best);
    if (!found->upload_id.empty()) {
      LIVEDATA_RETURN_IF_ERROR(abort(found->upload_id, deadline));
    }
  }
  if (best.num_agreeing == 0) return {};
  upload_id_ = std::move(best.upload_id);
  parts_ = std::move(best.parts);
  has_checksums_ = std::any_of(parts_.begin(), parts_.end(),
                               [](const Part& part) { return !part.crc32c.empty(); });
  return {};
}

Result<void> MultipartUpload::begin(const Deadline& deadline) {
  parts_.assign(num_parts(), {});
  LIVEDATA_TRY(const auto answer, client_.ask({.method = "POST",
                                               .key = key_,
                                               .query = {{"uploads", ""}},
                                               .headers = {{"x-amz-checksum-algorithm", "CRC32C"}}},
                                              deadline));
  has_checksums_ = answer.header("x-amz-checksum-algorithm") == "CRC32C";
  LIVEDATA_TRY(upload_id_, read_upload_id(answer.body));
  return {};
}

Result<void> MultipartUpload::send_part(std::size_t index, const Deadline& deadline) {
  LIVEDATA_TRY(const std::string bytes, read_part(index));
  Operation operation{
      .method = "PUT",
      .key = key_,
      .query = {{"partNumber", std::to_string(index + 1)}, {"uploadId", upload_id_}},
      .headers = {{"Content-MD5", encoding::base64_encode(md5(bytes))}},
      .body = bytes};
  Part part;
  if (has_checksums_) {
    part.crc32c = crc32c_base64(bytes);
    operation.headers.push_back({"x-amz-checksum-crc32c", part.crc32c});
  }
  LIVEDATA_TRY(const auto answer, client_.ask(operation, deadline));
  part.etag = answer.header("etag");
  if (!is_plain(part.etag))
    return fail(ErrorCode::kUnavailable, "s3://{}/{}: the server gives a part no ETag that is one",
                client_.options().bucket, key_);
  parts_[index] = std::move(part);
  return {};
}

/// An upload that is not there any more: the answer to an earlier attempt to complete it was lost,
/// or somebody aborted it.
Result<void> MultipartUpload::was_completed(const Deadline& deadline) const {
  const Operation operation{.method = "HEAD", .key = key_};
  LIVEDATA_TRY(const Outcome outcome, client_.send(operation, deadline));
  std::string digests;
  for (const Part& part : parts_) digests += md5_of(part.etag);
  const std::string expected = fmt::format("{}-{}", hex(md5(digests)), parts_.size());
  if (outcome.is_ok() && without_quotes(outcome.answer.header("etag")) == expected) return {};
  return fail(ErrorCode::kUnavailable,
              "s3://{}/{}: the upload was aborted by somebody else; only one process may write",
              client_.options().bucket, key_);
}

Result<void> MultipartUpload::complete(const Deadline& deadline) {
  std::string body = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    body += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag>", i + 1,
                        fmt::format("&quot;{}&quot;", without_quotes(parts_[i].etag)));
    if (has_checksums_)
      body += fmt::format("<ChecksumCRC32C>{}</ChecksumCRC32C>", parts_[i].crc32c);
    body += "</Part>";
  }
  body += "</CompleteMultipartUpload>";
  const Operation operation{.method = "POST",
                            .key = key_,
                            .query = {{"uploadId", upload_id_}},
                            .headers = {{"Content-Type", "application/xml"}},
                            .body = body};
  LIVEDATA_TRY(const Outcome outcome, client_.send(operation, deadline));
  if (outcome.is_ok()) return {};
  if (outcome.error.code == "NoSuchUpload") return was_completed(deadline);
  return fail(client_.error_of(operation, outcome));
}

Result<void> MultipartUpload::run(const Deadline& deadline) {
  LIVEDATA_RETURN_IF_ERROR(resume(deadline));
  if (upload_id_.empty()) {
    LIVEDATA_RETURN_IF_ERROR(begin(deadline));
  }
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (!parts_[i].etag.empty()) continue;
    LIVEDATA_RETURN_IF_ERROR(send_part(i, deadline));
  }
  return complete(deadline);
}

}  // namespace livedata::archive::s3
