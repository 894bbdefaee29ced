#include "query/saved/recorded_rows.h"

#include <gtest/gtest.h>

#include "base/time_format.h"

namespace livedata::query::saved {
namespace {

const SavedQuery kQuery{.name = "load_of_shops", .text = "x"};

TEST(RecordedRowsTest, ColumnsBecomeFields) {
  const auto batch =
      to_records(kQuery,
                 R"({"host":"web1","n":12,"share":0.5,"up":true,"gone":null,"a b":[1]})"
                 "\n"
                 R"({"time":"2026-01-02T03:04:05.5Z","n":-7})"
                 "\n",
                 1000);
  ASSERT_TRUE(batch) << batch.error().message;
  ASSERT_EQ(batch->num_rows(), 2U);
  EXPECT_EQ(batch->stream(0).labels.to_string(), "{recorded=\"true\", source=\"load_of_shops\"}");
  EXPECT_EQ(batch->lines()[0], "");
  EXPECT_EQ(batch->timestamps()[0], 1000);
  EXPECT_EQ(batch->timestamps()[1], *parse_rfc3339("2026-01-02T03:04:05.5Z"));
  std::vector<Field> fields = batch->fields(0);
  ASSERT_EQ(fields.size(), 5U);
  const auto value = [&](std::string_view name) {
    for (const Field& field : fields) {
      if (field.name == name) return field.value;
    }
    return FieldValue();
  };
  EXPECT_EQ(value("host"), FieldValue(std::string_view("web1")));
  EXPECT_EQ(value("n"), FieldValue(std::int64_t{12}));
  EXPECT_EQ(value("share"), FieldValue(0.5));
  EXPECT_EQ(value("up"), FieldValue(true));
  EXPECT_EQ(value("a_b"), FieldValue(std::string_view("[1]")));
}

TEST(RecordedRowsTest, NoRowsNoRecords) { EXPECT_TRUE(to_records(kQuery, "", 0)->empty()); }

TEST(RecordedRowsTest, TooManyRowsAreRefused) {
  std::string many;
  for (std::size_t i = 0; i <= kMaxRecordedRows; ++i) many += "{\"n\":1}\n";
  const auto batch = to_records(kQuery, many, 0);
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().code, ErrorCode::kTooLarge);
  EXPECT_FALSE(to_records(kQuery, "nonsense\n", 0));
}

}  // namespace
}  // namespace livedata::query::saved
