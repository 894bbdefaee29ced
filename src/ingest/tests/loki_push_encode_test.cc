#include <random>

#include <gtest/gtest.h>

#include "ingest/content.h"
#include "ingest/loki/push.h"
#include "ingest/loki/push_encode.h"

namespace livedata::ingest::loki {
namespace {

std::string random_text(std::mt19937_64& random, std::uint64_t most) {
  std::string text;
  for (std::uint64_t n = random() % most; n > 0; --n) text += static_cast<char>(random() % 256);
  return text;
}

TEST(LokiPushEncodeTest, WhatIsWrittenIsRead) {
  std::mt19937_64 random(12);
  Limits limits;
  limits.max_age = std::chrono::nanoseconds(0);
  const DecodeContext context{limits, 1'700'000'000 * kNsPerSecond};
  for (int round = 0; round < 200; ++round) {
    RecordBatch batch;
    for (std::uint64_t i = 1 + random() % 4; i > 0; --i) {
      batch.add_stream(Labels({{"service_name", "s" + std::to_string(i)},
                               {"path", "C:\\x \"q\"\n" + std::to_string(random() % 3)}}));
    }
    for (std::uint64_t n = random() % 30; n > 0; --n) {
      const std::string text = random_text(random, 20);
      const std::vector<Field> fields = {{"detected_level", std::string_view("info")},
                                         {"text", std::string_view(text)},
                                         {"number", static_cast<std::int64_t>(random() % 100)}};
      batch.add(
          static_cast<std::uint32_t>(random() % batch.streams().size()),
          static_cast<TimestampNs>(random() % 1'700'000'000'000'000'000) - 100'000 * kNsPerSecond,
          random_text(random, 50), fields);
    }
    const auto raw = decompress(encode_push(batch), Encoding::kSnappy, 10'000'000);
    ASSERT_TRUE(raw.has_value());
    const auto decoded = decode_protobuf(*raw, context);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    ASSERT_EQ(decoded->num_rejected(), 0U);
    using Row = std::tuple<std::string, TimestampNs, std::string, std::string, std::string>;
    const auto rows_of = [](const RecordBatch& b) {
      std::multiset<Row> rows;
      for (RowIndex row = 0; row < b.num_rows(); ++row) {
        rows.emplace(b.stream(row).labels.to_string(), b.timestamps()[row], b.line(row),
                     to_string(*b.field(row, "text")), to_string(*b.field(row, "number")));
      }
      return rows;
    };
    EXPECT_EQ(rows_of(decoded->batch), rows_of(batch));
  }
}

}  // namespace
}  // namespace livedata::ingest::loki
