#include "cli/sql_table.h"

#include <gtest/gtest.h>

namespace livedata::cli {
namespace {

constexpr std::string_view kAnswer =
    R"({"columns":[{"name":"service","type":"VARCHAR"},{"name":"n","type":"BIGINT"},{"name":"line","type":"VARCHAR"}],
"rows":[["api",7,"a\tb"],["d\u00e9p\u00f4t",1234,null],["x",0,"a very long line that goes on and on"]]})";

TEST(SqlTableTest, AlignsColumns) {
  EXPECT_EQ(*format_sql_table(kAnswer, 0),
            "service     n  line\n"
            "api         7  a b\n"
            "d\u00e9p\u00f4t    1234  \n"
            "x           0  a very long line that goes on and on\n");
}

TEST(SqlTableTest, CutsWhatIsTooWide) {
  EXPECT_EQ(*format_sql_table(kAnswer, 28),
            "service     n  line\n"
            "api         7  a b\n"
            "d\u00e9p\u00f4t    1234  \n"
            "x           0  a very long \u2026\n");
}

TEST(SqlTableTest, WantsAnAnswer) {
  EXPECT_FALSE(format_sql_table("{}", 80).has_value());
  EXPECT_FALSE(format_sql_table("no JSON", 80).has_value());
}

}  // namespace
}  // namespace livedata::cli
