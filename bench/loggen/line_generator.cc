#include "loggen/line_generator.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/time_format.h"

namespace livedata::loggen {
namespace {

constexpr std::uint64_t kLinesPerBatch = 2000;
constexpr std::uint64_t kStreamsPerBatch = 12;
constexpr std::uint64_t kPodsPerBatch = 160;
constexpr std::size_t kPodKinds = 200;
constexpr std::uint64_t kAverageLineBytes = 188;
constexpr std::uint64_t kNeedleEvery = 250'000;
constexpr std::size_t kServices = 60;
constexpr std::size_t kHostsPerService = 25;

/// splitmix64 (Steele, Lea, Flood 2014): small, fast, and the same everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  template <class List>
  const auto& pick(const List& list) {
    return list[below(list.size())];
  }
  /// Many small values, few large ones.
  std::uint64_t skewed(std::uint64_t most) { return below(1 + below(1 + below(most))); }

 private:
  std::uint64_t state_;
};

constexpr std::array<std::string_view, 12> kNames = {"auth",    "cart",    "checkout", "search",
                                                     "catalog", "payment", "mail",     "media",
                                                     "gateway", "billing", "profile",  "stock"};
constexpr std::array<std::string_view, 5> kKinds = {"api", "web", "worker", "cache", "db"};
constexpr std::array<std::string_view, 8> kPaths = {
    "/api/v1/items",  "/api/v1/users", "/api/v2/orders", "/login",
    "/static/app.js", "/healthz",      "/api/v1/search", "/images"};
constexpr std::array<std::string_view, 5> kMethods = {"GET", "GET", "GET", "POST", "PUT"};
constexpr std::array<int, 12> kStatus = {200, 200, 200, 200, 200, 200,
                                         201, 204, 304, 404, 403, 500};
constexpr std::array<std::string_view, 4> kAgents = {
    "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Macintosh) AppleWebKit/537.36 Chrome/126.0", "okhttp/4.12.0",
    "python-requests/2.31.0"};
constexpr std::array<std::string_view, 10> kLevels = {"info",  "info",  "info", "info", "info",
                                                      "debug", "debug", "warn", "warn", "error"};
constexpr std::array<std::string_view, 7> kMessages = {
    "request handled", "cache miss", "retrying after timeout", "connection reset by peer",
    "job finished",    "slow query", "token refreshed"};
constexpr std::array<std::string_view, 5> kExceptions = {
    "java.net.SocketTimeoutException: Read timed out",
    "java.lang.NullPointerException: Cannot invoke \"Order.getId()\"",
    "java.sql.SQLTransientConnectionException: pool - Connection is not available",
    "java.util.concurrent.TimeoutException: no answer in 2000 ms",
    "java.io.IOException: Broken pipe"};

std::string hex(Random& random, int digits) {
  return fmt::format("{:016x}{:016x}", random.next(), random.next())
      .substr(0, static_cast<std::size_t>(digits));
}
std::string address(Random& random) {
  return fmt::format("10.{}.{}.{}", random.below(256), random.below(256), 1 + random.below(254));
}

std::string json_access(Random& random, std::uint64_t id, TimestampNs time) {
  return fmt::format(
      R"({{"time":"{}","level":"{}","seq":{},"method":"{}","path":"{}/{}","status":{},"bytes":{},"duration_ms":{}.{:03},"client":"{}","trace_id":"{}","agent":"{}"}})",
      format_rfc3339(time), random.pick(kLevels), id, random.pick(kMethods), random.pick(kPaths),
      random.skewed(90000), random.pick(kStatus), random.skewed(2'000'000), random.skewed(4000),
      random.below(1000), address(random), hex(random, 32), random.pick(kAgents));
}

std::string logfmt(Random& random, std::uint64_t id, TimestampNs time) {
  return fmt::format(
      R"(ts={} level={} seq={} msg="{}" user={} shard={} duration={}.{}ms trace={} caller={}.go:{})",
      format_rfc3339(time), random.pick(kLevels), id, random.pick(kMessages), random.skewed(50000),
      random.below(32), random.skewed(3000), random.below(10), hex(random, 16), random.pick(kNames),
      10 + random.below(400));
}

std::string syslog(Random& random, std::uint64_t id, TimestampNs time, const FleetStream& stream) {
  const std::string head = fmt::format("{} {} {}[{}]: ", format_rfc3339(time), stream.host,
                                       stream.service, 1000 + random.below(3000));
  switch (random.below(4)) {
    case 0:
      return head + fmt::format("Accepted publickey for user{} from {} port {} ssh2: seq {}",
                                random.skewed(200), address(random), 1024 + random.below(60000),
                                id);
    case 1:
      return head + fmt::format("connection from {} closed after {} bytes, seq {}", address(random),
                                random.skewed(900000), id);
    case 2:
      return head + fmt::format("Failed password for invalid user u{} from {} port {} seq {}",
                                random.skewed(500), address(random), 1024 + random.below(60000),
                                id);
    default:
      return head + fmt::format("worker {} took job {} of queue {} (seq {})", random.below(64),
                                hex(random, 8), random.pick(kNames), id);
  }
}

std::string java(Random& random, std::uint64_t id, TimestampNs time, const FleetStream& stream) {
  const bool failed = random.below(40) == 0;
  std::string out =
      fmt::format("{} {:5} [{}-exec-{}] com.example.{}.{}Service : {} order={} seq={}",
                  format_rfc3339(time), failed ? "ERROR" : "INFO", stream.service, random.below(16),
                  stream.service, random.pick(kNames), random.pick(kMessages), hex(random, 12), id);
  if (!failed) return out;
  out += fmt::format("\n{}", random.pick(kExceptions));
  for (std::uint64_t depth = 4 + random.below(10); depth > 0; --depth) {
    out += fmt::format("\n\tat com.example.{}.{}.call({}.java:{})", stream.service,
                       random.pick(kNames), random.pick(kNames), 20 + random.below(300));
  }
  return out;
}

std::string make_line(Random& random, std::uint64_t id, TimestampNs time,
                      const FleetStream& stream) {
  std::string line;
  switch (stream.format) {
    case Format::kJsonAccess:
      line = json_access(random, id, time);
      break;
    case Format::kLogfmt:
      line = logfmt(random, id, time);
      break;
    case Format::kSyslog:
      line = syslog(random, id, time, stream);
      break;
    case Format::kJava:
      line = java(random, id, time, stream);
      break;
  }
  if (id % kNeedleEvery == kNeedleEvery / 2) line += std::string(" ") + kNeedle;
  return line;
}

}  // namespace

LineGenerator::LineGenerator(std::uint64_t seed, std::uint64_t total_bytes, TimestampNs end)
    : seed_(seed),
      end_(end),
      num_batches_(std::max<std::uint64_t>(1, total_bytes / (kLinesPerBatch * kAverageLineBytes))) {
  for (std::size_t s = 0; s < kServices; ++s) {
    for (std::size_t h = 0; h < kHostsPerService; ++h) {
      FleetStream& stream = streams_.emplace_back();
      stream.service = fmt::format("{}-{}", kNames[s % kNames.size()], kKinds[s / kNames.size()]);
      stream.host = fmt::format("{}-{:02}", kKinds[s / kNames.size()], h + s % 7);
      stream.env = h % 5 == 0 ? "staging" : "prod";
      stream.format = static_cast<Format>(s % kNumFormats);
      // The first hosts of a service are the busy ones.
      const std::size_t weight = 1 + 200 / ((h + 1) * (s + 1));
      weighted_.insert(weighted_.end(), weight, static_cast<std::uint32_t>(streams_.size() - 1));
    }
  }
}

LineGenerator LineGenerator::of_pods(std::uint64_t seed, std::uint64_t total_bytes, TimestampNs end,
                                     std::uint32_t pods) {
  LineGenerator out(seed, total_bytes, end);
  out.span_ = 3600 * kNsPerSecond;
  out.weighted_.clear();
  std::vector<FleetStream> kinds;
  for (std::size_t i = 0; i < kPodKinds; ++i)
    kinds.push_back(out.streams_[i * out.streams_.size() / kPodKinds]);
  out.streams_.clear();
  for (std::uint32_t pod = 0; pod < pods; ++pod) {
    FleetStream& stream = out.streams_.emplace_back(kinds[pod % kPodKinds]);
    Random random(pod);
    stream.pod = fmt::format("{}-{}", stream.service, hex(random, 10));
  }
  return out;
}

std::vector<std::uint32_t> LineGenerator::pick_members(std::uint64_t number) const {
  Random random(seed_ * 7'000'003 + number);
  std::vector<std::uint32_t> members;
  if (weighted_.empty()) {
    for (std::uint64_t i = 0; i < kPodsPerBatch; ++i)
      members.push_back(static_cast<std::uint32_t>(random.below(kMaxPods) % streams_.size()));
    return members;
  }
  for (std::uint64_t i = 0; i < kStreamsPerBatch; ++i) {
    // Quiet streams get their turn too.
    members.push_back(random.below(4) == 0
                          ? static_cast<std::uint32_t>(random.below(streams_.size()))
                          : random.pick(weighted_));
  }
  return members;
}

GeneratedBatch LineGenerator::batch(std::uint64_t number) const {
  Random random(seed_ * 1'000'003 + number);
  GeneratedBatch batch;
  batch.number = number;
  const std::vector<std::uint32_t> members = pick_members(number);
  const auto span = static_cast<std::uint64_t>(span_) / num_batches_;
  const TimestampNs begin = start() + static_cast<TimestampNs>(number * span);
  for (std::uint64_t i = 0; i < kLinesPerBatch; ++i) {
    GeneratedLine& line = batch.lines.emplace_back();
    line.stream = random.pick(members);
    line.timestamp = begin + static_cast<TimestampNs>(i * (span / kLinesPerBatch) + i);
    line.text =
        make_line(random, number * kLinesPerBatch + i, line.timestamp, streams_[line.stream]);
  }
  return batch;
}

}  // namespace livedata::loggen
