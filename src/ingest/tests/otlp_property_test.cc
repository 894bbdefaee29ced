// Random requests: both encodings mean the same, nothing is lost, damage never crashes.
#include <deque>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "encoding/base64.h"
#include "ingest/otlp/push.h"
#include "ingest/tests/otlp_encoder.h"

namespace livedata::ingest::otlp {
namespace {

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;

class RequestGenerator {
 public:
  explicit RequestGenerator(std::uint64_t seed) : random_(seed) {}

  TestRequest request() {
    TestRequest request;
    request.resource.attributes = attributes(4);
    if (chance(2)) request.resource.attributes.push_back({"service.name", {text()}});
    request.resource.dropped_attributes = static_cast<std::uint32_t>(below(3));
    request.scope.name = text();
    request.scope.version = text();
    request.scope.attributes = attributes(3);
    request.scope.dropped_attributes = static_cast<std::uint32_t>(below(3));
    for (std::uint64_t n = below(6); n > 0; --n) request.records.push_back(record());
    return request;
  }

  std::uint64_t below(std::uint64_t end) { return random_() % end; }

 private:
  bool chance(std::uint64_t one_in) { return below(one_in) == 0; }

  /// Valid UTF-8 with characters that need escapes.
  std::string_view text() {
    static constexpr std::array<const char*, 12> kPieces = {
        "a", "Z", ".", "_", "0", "\"", "\\", "\n", "\u00e4", "\u20ac", " ", "level"};
    std::string& text = kept_.emplace_back();
    for (std::uint64_t n = below(6); n > 0; --n) text += kPieces.at(below(kPieces.size()));
    return text;
  }

  std::string hex(std::size_t bytes) {
    std::string id;
    for (std::size_t i = 0; i < bytes; ++i) id += fmt::format("{:02x}", below(256));
    return id;
  }

  Value value(int depth) {
    switch (below(depth > 0 ? 8 : 6)) {
      case 0:
        return {};
      case 1:
        return {text()};
      case 2:
        return {chance(2)};
      case 3:
        return {static_cast<std::int64_t>(random_())};
      case 4:
        return {number()};
      case 5:
        return {encoding::base64_encode(text())};
      case 6:
        return {attributes(3, depth - 1)};
      default: {
        std::vector<Value> values;
        for (std::uint64_t n = below(4); n > 0; --n) values.push_back(value(depth - 1));
        return {std::move(values)};
      }
    }
  }

  double number() {
    switch (below(4)) {
      case 0:
        return std::numeric_limits<double>::infinity();
      case 1:
        return static_cast<double>(below(1000)) / 8;
      default:
        return -static_cast<double>(random_()) * 1e-7;
    }
  }

  std::vector<Attribute> attributes(std::uint64_t max, int depth = 3) {
    std::vector<Attribute> attributes;
    for (std::uint64_t n = below(max + 1); n > 0; --n) attributes.push_back({text(), value(depth)});
    return attributes;
  }

  LogRecord record() {
    LogRecord record;
    record.time = chance(4) ? 0 : below(kNow);
    record.observed_time = chance(4) ? 0 : below(kNow);
    record.severity_number = static_cast<std::int64_t>(below(30));
    record.severity_text = chance(3) ? text() : "";
    record.event_name = chance(3) ? text() : "";
    record.body = value(4);
    record.attributes = attributes(6);
    record.dropped_attributes = static_cast<std::uint32_t>(below(2));
    record.flags = static_cast<std::uint32_t>(chance(2) ? random_() : 0);
    record.trace_id = chance(2) ? hex(16) : "";
    record.span_id = chance(2) ? hex(8) : "";
    return record;
  }

  std::mt19937_64 random_;
  std::deque<std::string> kept_;
};

std::vector<std::string> render(const Decoded& decoded) {
  std::vector<std::string> out;
  for (RowIndex row = 0; row < decoded.batch.num_rows(); ++row) {
    std::string& text =
        out.emplace_back(fmt::format("{} {} {}", decoded.batch.stream(row).labels.to_string(),
                                     decoded.batch.timestamps()[row], decoded.batch.line(row)));
    for (const Field& field : decoded.batch.fields(row))
      text += fmt::format(" {}={}:{}", field.name, field.value.index(), to_string(field.value));
  }
  return out;
}

TEST(OtlpPropertyTest, BothEncodingsMeanTheSame) {
  const Limits limits;
  const DecodeContext context{limits, kNow};
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    RequestGenerator generator(seed);
    const TestRequest request = generator.request();
    const auto protobuf = decode_protobuf(encode_protobuf(request), context);
    const auto json = decode_json(encode_json(request), context);
    ASSERT_TRUE(protobuf.has_value()) << protobuf.error().message;
    ASSERT_TRUE(json.has_value()) << json.error().message << "\n" << encode_json(request);
    ASSERT_EQ(protobuf->batch.num_rows(), request.records.size()) << encode_json(request);
    ASSERT_EQ(render(*protobuf), render(*json)) << encode_json(request);
  }
}

TEST(OtlpPropertyTest, EveryPropertyComesBack) {
  const Limits limits;
  const DecodeContext context{limits, kNow};
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    RequestGenerator generator(seed);
    const TestRequest request = generator.request();
    const auto decoded = decode_protobuf(encode_protobuf(request), context);
    ASSERT_TRUE(decoded.has_value());
    for (RowIndex row = 0; row < request.records.size(); ++row) {
      const LogRecord& record = request.records[row];
      const auto field = [&](std::string_view name) {
        const auto value = decoded->batch.field(row, name);
        return value ? to_string(*value) : std::string();
      };
      if (record.time != 0) {
        ASSERT_EQ(decoded->batch.timestamps()[row], static_cast<TimestampNs>(record.time));
      }
      if (const auto* text = std::get_if<std::string_view>(&record.body.content)) {
        ASSERT_EQ(decoded->batch.line(row), *text);
      }
      if (!record.trace_id.empty()) {
        ASSERT_EQ(field("trace_id"), record.trace_id);
      }
      if (!record.span_id.empty()) {
        ASSERT_EQ(field("span_id"), record.span_id);
      }
      if (record.flags != 0) {
        ASSERT_EQ(field("flags"), std::to_string(record.flags));
      }
      if (!record.severity_text.empty()) {
        ASSERT_EQ(field("severity_text"), record.severity_text);
      }
      if (record.severity_number != 0) {
        ASSERT_EQ(field("severity_number"), std::to_string(record.severity_number));
      }
    }
  }
}

TEST(OtlpPropertyTest, CutOffProtobufIsAnErrorOrFewerRecords) {
  const Limits limits;
  const DecodeContext context{limits, kNow};
  RequestGenerator generator(7);
  for (int round = 0; round < 50; ++round) {
    const TestRequest request = generator.request();
    const std::string good = encode_protobuf(request);
    for (std::size_t size = 0; size < good.size(); ++size) {
      // On the heap and of its exact size, so that sanitizers see a read behind the end.
      const std::vector<char> part(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
      const auto decoded = decode_protobuf({part.data(), part.size()}, context);
      if (decoded) {
        ASSERT_LE(decoded->batch.num_rows(), request.records.size());
      }
    }
  }
}

TEST(OtlpPropertyTest, DamageNeverCrashes) {
  const Limits limits;
  const DecodeContext context{limits, kNow};
  RequestGenerator generator(8);
  for (int round = 0; round < 5000; ++round) {
    const TestRequest request = generator.request();
    for (std::string bad : {encode_protobuf(request), encode_json(request)}) {
      if (bad.empty()) continue;
      const bool is_json = bad.front() == '{';
      for (std::uint64_t n = 1 + generator.below(4); n > 0; --n)
        bad[generator.below(bad.size())] = static_cast<char>(generator.below(256));
      static_cast<void>(is_json ? decode_json(bad, context) : decode_protobuf(bad, context));
    }
  }
}

}  // namespace
}  // namespace livedata::ingest::otlp
