// Calls one function of an S3Store: what the tests run and kill.
//
//   s3_probe put KEY FILE | get KEY | read KEY OFFSET BYTES | stat KEY | list PREFIX | remove KEY
//
// Its settings are environment variables: S3_ENDPOINT, S3_BUCKET, S3_PREFIX, S3_PART_BYTES,
// S3_STALL (seconds of silence that are borne), S3_LIMIT (seconds in all) and AWS_*. Ends with the
// error's exit code and its name on stderr.
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "archive/s3/s3_store.h"

namespace {

using namespace livedata;

std::string variable(const std::string& name, const std::string& otherwise) {
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
  return value == nullptr ? otherwise : value;
}

Result<void> run(archive::ObjectStore& store, const std::vector<std::string>& words,
                 const Deadline& deadline) {
  const std::string& what = words.at(0);
  const std::string& key = words.at(1);
  if (what == "put") return store.put_file(key, words.at(2), deadline);
  if (what == "remove") return store.remove(key, deadline);
  if (what == "get") {
    LIVEDATA_TRY(const std::string bytes, store.get(key, std::size_t{1} << 30U, deadline));
    std::cout << bytes;
  } else if (what == "read") {
    std::string bytes(std::stoul(words.at(3)), '\0');
    LIVEDATA_TRY(const std::size_t size, store.read(key, std::stoul(words.at(2)), bytes, deadline));
    std::cout << bytes.substr(0, size);
  } else if (what == "stat") {
    LIVEDATA_TRY(const auto object, store.stat(key, deadline));
    std::cout << object.bytes << "\n";
  } else if (what == "list") {
    LIVEDATA_TRY(const auto objects, store.list(key, deadline));
    for (const auto& object : objects) std::cout << object.key << " " << object.bytes << "\n";
  } else {
    return fail(ErrorCode::kInvalidArgument, "unknown: {}", what);
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  words.resize(4);
  archive::s3::S3Options options;
  options.endpoint = variable("S3_ENDPOINT", "");
  options.bucket = variable("S3_BUCKET", "bucket");
  options.prefix = variable("S3_PREFIX", "");
  options.part_bytes = std::stoul(variable("S3_PART_BYTES", "5242880"));
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    options.credentials.environment[text.substr(0, text.find('='))] =
        text.substr(text.find('=') + 1);
  }
  PosixFileSystem files;
  const SystemClock clock;
  const auto client = std::make_shared<http_client::HttpClient>(http_client::HttpClient::Options{
      .stall_timeout = std::chrono::seconds(std::stol(variable("S3_STALL", "30")))});
  archive::s3::RetryPolicy retry = archive::s3::RetryPolicy::usual();
  retry.first_pause = std::chrono::milliseconds(20);
  const Deadline deadline =
      Deadline::after(std::chrono::seconds(std::stol(variable("S3_LIMIT", "120"))));
  const auto store = archive::s3::S3Store::create(options, {files, client, client, clock}, retry);
  const auto outcome = store ? run(**store, words, deadline) : Result<void>(fail(store.error()));
  if (outcome) return 0;
  std::cerr << name(outcome.error().code) << ": " << outcome.error().message << "\n";
  return exit_code(outcome.error().code);
}
