#include <cmath>

#include <gtest/gtest.h>

#include "server/records/record_csv.h"
#include "server/records/record_json.h"
#include "storage/flush/row_order.h"
#include "storage/testing/random_records.h"

namespace livedata::server::records {
namespace {

using Exact = std::vector<std::pair<storage::PlainRecord, Hash128>>;

Exact exact(const RecordBatch& batch) {
  Exact out;
  for (RowIndex row = 0; row < batch.num_rows(); ++row)
    out.emplace_back(storage::plain_record(batch, row), storage::record_hash(batch, row));
  return out;
}

RecordBatch parse_lines(std::string_view text) {
  RecordBatch batch;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const auto parsed = parse_json(text.substr(0, end), batch);
    EXPECT_TRUE(parsed) << parsed.error().message;
    text.remove_prefix(end + 1);
  }
  return batch;
}

RecordBatch odd_records() {
  RecordBatch batch;
  const auto stream = batch.add_stream(Labels(std::vector<Label>{{"a", "\"quoted\",\n"}}));
  const auto bytes = batch.add_stream(Labels(std::vector<Label>{{"a", "\xff"}}));
  const std::vector<Field> fields = {{"big", std::int64_t{INT64_MIN}},
                                     {"nan", std::nan("")},
                                     {"one", 1.0},
                                     {"tiny", 5e-324},
                                     {"zero", -0.0}};
  batch.add(stream, -1, "a \"b\",\r\n c", fields);
  const std::vector<Field> types = {{"flag", false}, {"flat", 1e300}, {"text", std::string_view()}};
  batch.add(stream, 0, "", types);
  batch.add(bytes, 1, "x", {});
  batch.add(stream, 2, "\x80", {});
  return batch;
}

TEST(RecordTextTest, GivesRecordsBackFromJson) {
  storage::RandomRecords random(7);
  for (const RecordBatch& batch : {random.batch(300), odd_records()}) {
    std::string text;
    append_json(batch, text);
    EXPECT_EQ(exact(parse_lines(text)), exact(batch));
  }
}

TEST(RecordTextTest, GivesRecordsBackFromCsvInPieces) {
  storage::RandomRecords random(8);
  for (const RecordBatch& batch : {random.batch(300), odd_records()}) {
    std::string text(csv_header());
    append_csv(batch, text);
    text.pop_back();  // the last row may have no line end
    RecordBatch out;
    CsvReader reader;
    for (std::size_t at = 0; at < text.size(); at += 7)
      ASSERT_TRUE(reader.add(std::string_view(text).substr(at, 7), out));
    ASSERT_TRUE(reader.finish(out));
    EXPECT_EQ(exact(out), exact(batch));
  }
}

TEST(RecordTextTest, IsReadableWhereItCanBe) {
  RecordBatch batch;
  const std::vector<Field> fields = {{"cached", true},
                                     {"seconds", 2.0},
                                     {"status", std::int64_t{200}},
                                     {"trace_id", std::string_view("a1")}};
  batch.add(batch.add_stream(Labels(std::vector<Label>{{"app", "shop"}})), 1'500'000'000, "GET /",
            fields);
  std::string json;
  append_json(batch, json);
  EXPECT_EQ(json, R"({"time":"1970-01-01T00:00:01.5Z","labels":{"app":"shop"},"line":"GET /",)"
                  R"("fields":{"cached":true,"seconds":2.0,"status":200,"trace_id":"a1"}})"
                  "\n");
}

TEST(RecordTextTest, RefusesWhatIsNoRecord) {
  RecordBatch batch;
  for (
      const char* line :
      {"", "{}", "[1]", "nonsense", R"({"time":"yesterday","labels":{},"line":""})",
       R"({"time":"2026-01-02T03:04:05Z","line":"x"})",
       R"({"time":"2026-01-02T03:04:05Z","labels":{"a b":"c"},"line":"x"})",
       R"({"time":"2026-01-02T03:04:05Z","labels":{"a":1},"line":"x"})",
       R"({"time":"2026-01-02T03:04:05Z","labels":{},"line":"x","fields":{"a":[1]}})",
       R"({"time":"2026-01-02T03:04:05Z","labels":{},"line":"x","fields":{"a":18446744073709551615}})",
       R"({"time":"2026-01-02T03:04:05Z","labels":{},"line":"x","exact":"AAAA"})"})
    EXPECT_FALSE(parse_json(line, batch)) << line;
  EXPECT_TRUE(batch.empty());
  CsvReader no_header;
  EXPECT_FALSE(no_header.add("a,b\n", batch));
  CsvReader torn;
  ASSERT_TRUE(torn.add("time,line\n\"2026", batch));
  EXPECT_FALSE(torn.finish(batch));
}

}  // namespace
}  // namespace livedata::server::records
