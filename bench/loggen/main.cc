// livedata_loggen: makes log lines, sends them to a running livedata, and checks that they are
// there.
#include <atomic>
#include <chrono>
#include <fstream>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <yyjson.hpp>

#include "loggen/http_connection.h"
#include "loggen/line_generator.h"
#include "loggen/push_body.h"

namespace livedata::loggen {
namespace {

struct Options {
  std::uint64_t bytes = 100'000'000;
  std::uint64_t seed = 1;
  std::uint32_t pods = 0;
  TimestampNs end = 0;
  std::uint16_t port = 3100;
  unsigned connections = 4;
  std::string format = "json";
  std::string folder;
  std::string ack_log;
  std::string acked;
  bool single = false;
};

int write_files(const Options& options, const LineGenerator& generator) {
  constexpr std::array<const char*, kNumFormats> kNames = {"access.json", "app.logfmt",
                                                           "system.log", "java.log"};
  std::array<std::ofstream, kNumFormats> files;
  for (std::size_t i = 0; i < (options.single ? 1 : kNumFormats); ++i)
    files[i].open(options.folder + "/" + (options.single ? "all.log" : kNames[i]),
                  std::ios::binary);
  std::uint64_t bytes = 0;
  for (std::uint64_t number = 0; number < generator.num_batches(); ++number) {
    for (const GeneratedLine& line : generator.batch(number).lines) {
      const Format format = generator.streams()[line.stream].format;
      files[options.single ? 0 : static_cast<std::size_t>(format)] << line.text << '\n';
      bytes += line.text.size() + 1;
    }
  }
  fmt::print("{}\n", bytes);
  return 0;
}

/// Sends batches from several threads, each with its own connection; a batch counts once it is
/// acknowledged.
class Pusher {
 public:
  Pusher(const Options& options, const LineGenerator& generator)
      : options_(options), generator_(generator) {
    if (!options.ack_log.empty()) acks_.open(options.ack_log, std::ios::app);
  }

  int run() {
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < options_.connections; ++i) threads.emplace_back([this] { work(); });
    for (std::thread& thread : threads) thread.join();
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    fmt::print("{{\"lines\":{},\"bytes\":{},\"seconds\":{:.3f},\"failed\":{}}}\n", lines_.load(),
               bytes_.load(), seconds, failed_.load());
    return failed_ ? 1 : 0;
  }

 private:
  void work() {
    HttpConnection connection(options_.port);
    const bool json = options_.format == "json";
    while (!failed_) {
      const std::uint64_t number = next_++;
      if (number >= generator_.num_batches()) return;
      const GeneratedBatch batch = generator_.batch(number);
      const std::string body = json ? json_body(batch, generator_.streams())
                                    : protobuf_body(batch, generator_.streams());
      if (!push(connection, json ? "application/json" : "application/x-protobuf", body)) {
        failed_ = true;
        return;
      }
      acknowledge(batch);
    }
  }

  static bool push(HttpConnection& connection, std::string_view type, const std::string& body) {
    for (int attempt = 0; attempt < 100; ++attempt) {
      const auto reply = connection.request("POST", "/loki/api/v1/push", type, body);
      if (!reply) return false;
      if (reply->status == 204) return true;
      if (reply->status != 429 && reply->status != 503) {
        fmt::print(stderr, "push: {} {}\n", reply->status, reply->body);
        return false;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    return false;
  }

  void acknowledge(const GeneratedBatch& batch) {
    std::uint64_t bytes = 0;
    for (const GeneratedLine& line : batch.lines) bytes += line.text.size();
    lines_ += batch.lines.size();
    bytes_ += bytes;
    const std::lock_guard lock(mutex_);
    if (acks_.is_open())
      acks_ << batch.number << std::endl;  // flushed: this process may be killed next
  }

  const Options& options_;
  const LineGenerator& generator_;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<std::uint64_t> lines_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::ofstream acks_;
};

/// Reads everything back in order of time and holds it against what was generated.
class Verifier {
 public:
  Verifier(const Options& options, const LineGenerator& generator)
      : options_(options), generator_(generator), connection_(options.port) {
    if (options.acked.empty()) return;
    acked_ = std::make_unique<std::set<std::uint64_t>>();
    std::ifstream in(options.acked);
    for (std::uint64_t number = 0; in >> number;) acked_->insert(number);
  }

  int run() {
    for (std::uint64_t number = 0; number < generator_.num_batches(); ++number) {
      if (!check(number)) return 1;
    }
    fmt::print(
        "{{\"checked\":{},\"missing\":{},\"extra\":{},\"repeated\":{},\"unacknowledged\":{}}}\n",
        checked_, missing_, extra_, repeated_, unacknowledged_);
    return missing_ + extra_ + repeated_ == 0 ? 0 : 1;
  }

 private:
  using Key = std::string;  // time, labels, line
  static Key key(TimestampNs time, std::string_view service, std::string_view host,
                 std::string_view line) {
    return fmt::format("{}|{}|{}|{}", time, service, host, line);
  }

  /// A batch has its own stretch of time, which one query covers.
  bool check(std::uint64_t number) {
    const GeneratedBatch batch = generator_.batch(number);
    std::unordered_map<Key, int> expected;
    for (const GeneratedLine& line : batch.lines) {
      const FleetStream& stream = generator_.streams()[line.stream];
      ++expected[key(line.timestamp, stream.service, stream.host, line.text)];
    }
    const auto reply = connection_.request(
        "GET",
        fmt::format("/loki/api/v1/"
                    "query_range?query=%7Benv%3D~%22.%2B%22%7D&direction=forward&limit=5000&start={"
                    "}&end={}",
                    batch.lines.front().timestamp, batch.lines.back().timestamp + 1),
        "", "");
    if (!reply || reply->status != 200) {
      fmt::print(stderr, "query of batch {}: {}\n", number,
                 reply ? reply->body : reply.error().message);
      return false;
    }
    std::unordered_map<Key, int> found;
    collect(reply->body, found);
    compare(number, expected, found);
    return true;
  }

  static void collect(const std::string& body, std::unordered_map<Key, int>& found) {
    using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names
    yyjson_doc* document = yyjson_read(body.data(), body.size(), YYJSON_READ_NOFLAG);
    yyjson_val* streams =
        yyjson_obj_get(yyjson_obj_get(yyjson_doc_get_root(document), "data"), "result");
    yyjson_arr_iter it = yyjson_arr_iter_with(streams);
    while (yyjson_val* stream = yyjson_arr_iter_next(&it)) {
      yyjson_val* labels = yyjson_obj_get(stream, "stream");
      const char* service = yyjson_get_str(yyjson_obj_get(labels, "service_name"));
      const char* host = yyjson_get_str(yyjson_obj_get(labels, "host"));
      yyjson_arr_iter values = yyjson_arr_iter_with(yyjson_obj_get(stream, "values"));
      while (yyjson_val* pair = yyjson_arr_iter_next(&values)) {
        yyjson_val* line = yyjson_arr_get(pair, 1);
        ++found[key(std::atoll(yyjson_get_str(yyjson_arr_get(pair, 0))), service, host,
                    {yyjson_get_str(line), yyjson_get_len(line)})];
      }
    }
    yyjson_doc_free(document);
  }

  void compare(std::uint64_t number, const std::unordered_map<Key, int>& expected,
               const std::unordered_map<Key, int>& found) {
    const bool must_be_there = acked_ == nullptr || acked_->contains(number);
    for (const auto& [line, count] : expected) {
      const auto at = found.find(line);
      if (at == found.end()) {
        (must_be_there ? missing_ : unacknowledged_) += 1;
      } else if (at->second != count) {
        ++repeated_;
      }
      ++checked_;
    }
    for (const auto& [line, count] : found) {
      if (!expected.contains(line)) ++extra_;
    }
  }

  const Options& options_;
  const LineGenerator& generator_;
  HttpConnection connection_;
  std::unique_ptr<std::set<std::uint64_t>> acked_;
  std::uint64_t checked_ = 0;
  std::uint64_t missing_ = 0;
  std::uint64_t extra_ = 0;
  std::uint64_t repeated_ = 0;
  std::uint64_t unacknowledged_ = 0;
};

}  // namespace

int run(int argc, char** argv) {
  Options options;
  std::int64_t end_seconds = 0;
  std::int64_t span_seconds = 0;
  CLI::App app("Makes log lines, sends them to livedata, and checks that they are there");
  app.require_subcommand(1);
  app.add_option("--bytes", options.bytes, "Bytes of lines, about");
  app.add_option("--seed", options.seed);
  app.add_option("--pods", options.pods, "Streams that a label `pod` tells apart, within one hour")
      ->check(CLI::Range(0U, LineGenerator::kMaxPods));
  app.add_option("--end", end_seconds, "Time of the last line, in seconds since 1970")->required();
  app.add_option("--span", span_seconds, "Seconds before the end that the lines are spread over");
  CLI::App* files = app.add_subcommand(
      "files", "Write the lines as text files, one per format; prints the bytes");
  files->add_option("folder", options.folder)->required();
  files->add_flag("--single", options.single, "Write one file, all.log, in time order");
  CLI::App* push = app.add_subcommand("push", "Send the lines to Loki's push API");
  push->add_option("--port", options.port);
  push->add_option("--connections", options.connections);
  push->add_option("--format", options.format)->check(CLI::IsMember({"json", "protobuf"}));
  push->add_option("--ack-log", options.ack_log, "File for the numbers of acknowledged batches");
  CLI::App* verify = app.add_subcommand("verify", "Read all back and compare byte by byte");
  verify->add_option("--port", options.port);
  verify->add_option("--acked", options.acked,
                     "Only these batches must be there; none may be there twice");
  CLI11_PARSE(app, argc, argv);
  const TimestampNs end = end_seconds * kNsPerSecond;
  LineGenerator generator =
      options.pods == 0 ? LineGenerator(options.seed, options.bytes, end)
                        : LineGenerator::of_pods(options.seed, options.bytes, end, options.pods);
  if (span_seconds > 0) generator.spread_over(span_seconds * kNsPerSecond);
  if (files->parsed()) return write_files(options, generator);
  if (push->parsed()) return Pusher(options, generator).run();
  return Verifier(options, generator).run();
}

}  // namespace livedata::loggen

int main(int argc, char** argv) { return livedata::loggen::run(argc, argv); }
