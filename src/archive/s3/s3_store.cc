#include "archive/s3/s3_store.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "archive/object_store/object_key.h"
#include "archive/s3/digests.h"
#include "archive/s3/multipart_upload.h"
#include "encoding/base64.h"

namespace livedata::archive::s3 {
namespace {

constexpr std::size_t kLeastPartBytes = std::size_t{5} << 20U;
constexpr std::size_t kMostPartBytes = std::size_t{1} << 30U;
/// Of memory for keys, some hundred megabytes.
constexpr std::size_t kMostListed = 2'000'000;

/// "bytes 10-19/100".
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t total = 0;

  static std::optional<ContentRange> parse(std::string_view text) {
    constexpr std::string_view kUnit = "bytes ";
    if (!text.starts_with(kUnit)) return {};
    ContentRange range;
    const char* at = text.data() + kUnit.size();
    const char* const end = text.data() + text.size();
    const auto take = [&](std::uint64_t& value, char then) {
      const auto [rest, error] = std::from_chars(at, end, value);
      at = rest;
      if (error != std::errc()) return false;
      if (then == '\0') return at == end;
      return at != end && *at++ == then;
    };
    if (take(range.first, '-') && take(range.last, '/') && take(range.total, '\0')) return range;
    return {};
  }
};

tl::unexpected<Error> odd_answer(const Operation& operation, std::string_view what) {
  return fail(ErrorCode::kUnavailable, "{} of {}: {}", operation.method, operation.key, what);
}

}  // namespace

Result<std::unique_ptr<S3Store>> S3Store::create(const S3Options& options,
                                                 const Surroundings& surroundings,
                                                 RetryPolicy retry) {
  if (!options.prefix.empty() && !check_key(options.prefix))
    return fail(ErrorCode::kInvalidArgument,
                "archive.s3.prefix '{}' is none: parts of A-Z a-z 0-9 . _ = - with / between them, "
                "and no / at the end",
                options.prefix.substr(0, kMaxKeyBytes));
  if (options.part_bytes < kLeastPartBytes || options.part_bytes > kMostPartBytes)
    return fail(ErrorCode::kInvalidArgument,
                "archive.s3.part_bytes is {}; it must be from {} to {}", options.part_bytes,
                kLeastPartBytes, kMostPartBytes);
  auto credentials =
      std::make_unique<CredentialsSource>(options.credentials, surroundings.files,
                                          *surroundings.metadata_transport, surroundings.clock);
  LIVEDATA_TRY(S3Client client, S3Client::create(options, *surroundings.transport, *credentials,
                                                 surroundings.clock, std::move(retry)));
  // NOLINTNEXTLINE: the constructor is private
  return std::unique_ptr<S3Store>(
      new S3Store(surroundings, std::move(credentials), std::move(client)));
}

S3Store::S3Store(const Surroundings& surroundings, std::unique_ptr<CredentialsSource> credentials,
                 S3Client client)
    : surroundings_(surroundings),
      credentials_(std::move(credentials)),
      client_(std::move(client)) {}

Result<std::string> S3Store::full_key(std::string_view key) const {
  LIVEDATA_RETURN_IF_ERROR(check_key(key));
  const std::string& prefix = client_.options().prefix;
  std::string full = prefix.empty() ? std::string(key) : fmt::format("{}/{}", prefix, key);
  LIVEDATA_RETURN_IF_ERROR(check_key(full));
  return full;
}

Result<void> S3Store::put_file(std::string_view key, const Path& file, const Deadline& deadline) {
  LIVEDATA_TRY(std::string full, full_key(key));
  LIVEDATA_TRY(const auto opened, surroundings_.files.open(file));
  const std::uint64_t part_bytes =
      MultipartUpload::part_bytes_for(opened->size(), client_.options().part_bytes);
  if (opened->size() > part_bytes)
    return MultipartUpload(client_, std::move(full), *opened, part_bytes).run(deadline);
  std::string bytes(static_cast<std::size_t>(opened->size()), '\0');
  LIVEDATA_RETURN_IF_ERROR(opened->read_at(0, bytes));
  return put(key, bytes, deadline);
}

Result<void> S3Store::put(std::string_view key, std::string_view bytes, const Deadline& deadline) {
  LIVEDATA_TRY(std::string full, full_key(key));
  LIVEDATA_RETURN_IF_ERROR(
      client_.ask({.method = "PUT",
                   .key = std::move(full),
                   .headers = {{"Content-MD5", encoding::base64_encode(md5(bytes))},
                               {"x-amz-checksum-crc32c", crc32c_base64(bytes)}},
                   .body = bytes},
                  deadline));
  return {};
}

Result<std::string> S3Store::get(std::string_view key, std::size_t max_bytes,
                                 const Deadline& deadline) {
  LIVEDATA_TRY(std::string full, full_key(key));
  const Operation operation{.method = "GET",
                            .key = std::move(full),
                            .headers = {{"x-amz-checksum-mode", "ENABLED"}},
                            .max_answer_bytes = max_bytes};
  LIVEDATA_TRY(auto answer, client_.ask(operation, deadline));
  const std::string_view checksum = answer.header("x-amz-checksum-crc32c");
  // That of an object of several parts ends with their number, and is one of their checksums.
  const bool is_of_bytes = !checksum.empty() && checksum.find('-') == std::string_view::npos;
  if (is_of_bytes && checksum != crc32c_base64(answer.body))
    return fail(ErrorCode::kCorrupt, "s3://{}/{} does not match its checksum",
                client_.options().bucket, operation.key);
  return std::move(answer.body);
}

Result<std::size_t> S3Store::read(std::string_view key, std::uint64_t offset,
                                  std::span<char> target, const Deadline& deadline) {
  LIVEDATA_TRY(std::string full, full_key(key));
  if (target.empty()) return std::size_t{0};
  const Operation operation{
      .method = "GET",
      .key = std::move(full),
      .headers = {{"Range", fmt::format("bytes={}-{}", offset, offset + target.size() - 1)}},
      // Room for what an error says.
      .max_answer_bytes = std::max(target.size(), std::size_t{64} << 10U)};
  LIVEDATA_TRY(const Outcome outcome, client_.send(operation, deadline));
  const http_client::Answer& answer = outcome.answer;
  if (answer.status == 416) return std::size_t{0};
  if (!outcome.is_ok()) return fail(client_.error_of(operation, outcome));
  // An empty object, or one that is no larger than what was asked for, may come whole.
  const bool is_whole = answer.status == 200 && offset == 0 && answer.body.size() <= target.size();
  if (!is_whole) {
    const auto range = ContentRange::parse(answer.header("content-range"));
    if (answer.status != 206 || !range || range->first != offset ||
        answer.body.size() > target.size() || range->last - offset + 1 != answer.body.size())
      return odd_answer(operation, "the server does not give the range that was asked for");
    if (answer.body.size() < target.size() && range->last + 1 != range->total)
      return odd_answer(operation, "the server gives less than was asked for");
  }
  std::memcpy(target.data(), answer.body.data(), answer.body.size());
  return answer.body.size();
}

Result<ObjectStore::Object> S3Store::stat(std::string_view key, const Deadline& deadline) {
  LIVEDATA_TRY(std::string full, full_key(key));
  const Operation operation{.method = "HEAD", .key = std::move(full)};
  LIVEDATA_TRY(const auto answer, client_.ask(operation, deadline));
  const std::string_view text = answer.header("content-length");
  Object object{std::string(key), 0};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), object.bytes);
  if (error != std::errc() || end != text.data() + text.size())
    return odd_answer(operation, "the server does not say how large it is");
  return object;
}

Result<std::vector<ObjectStore::Object>> S3Store::list(std::string_view prefix,
                                                       const Deadline& deadline) {
  LIVEDATA_RETURN_IF_ERROR(check_prefix(prefix));
  const std::string& before = client_.options().prefix;
  const std::string full =
      before.empty() ? std::string(prefix) : fmt::format("{}/{}", before, prefix);
  const std::size_t num_before = full.size() - prefix.size();
  std::vector<Object> objects;
  std::string token;
  do {
    Query query = {{"list-type", "2"}, {"prefix", full}};
    if (!token.empty()) query.emplace_back("continuation-token", token);
    LIVEDATA_TRY(const auto answer, client_.ask({.method = "GET", .query = query}, deadline));
    LIVEDATA_TRY(ObjectPage page, read_object_page(answer.body));
    for (ObjectPage::Row& row : page.rows) {
      // What others put there is none of ours.
      if (!row.key.starts_with(full) || !check_key(row.key)) continue;
      objects.push_back({row.key.substr(num_before), row.bytes});
    }
    if (objects.size() > kMostListed)
      return fail(ErrorCode::kResourceExhausted, "s3://{}/{} has more than {} objects",
                  client_.options().bucket, full, kMostListed);
    if (page.next_token == token && !token.empty())
      return fail(ErrorCode::kUnavailable, "s3://{}: the server's list does not end",
                  client_.options().bucket);
    token = std::move(page.next_token);
  } while (!token.empty());
  std::sort(objects.begin(), objects.end(),
            [](const Object& a, const Object& b) { return a.key < b.key; });
  return objects;
}

Result<void> S3Store::remove(std::string_view key, const Deadline& deadline) {
  LIVEDATA_TRY(std::string full, full_key(key));
  const Operation operation{.method = "DELETE", .key = std::move(full)};
  LIVEDATA_TRY(const Outcome outcome, client_.send(operation, deadline));
  if (outcome.is_ok() || (outcome.answer.status == 404 && outcome.error.code != "NoSuchBucket"))
    return {};
  return fail(client_.error_of(operation, outcome));
}

}  // namespace livedata::archive::s3
