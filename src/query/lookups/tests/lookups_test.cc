#include "query/lookups/lookups.h"

#include <filesystem>

#include <gmock/gmock.h>

namespace livedata::query::lookups {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string fault(std::string_view csv) {
  const auto table = parse_csv(csv);
  return table ? "is read" : table.error().message;
}

TEST(Csv, ReadsQuotesAndLineEnds) {
  const auto table = parse_csv("\xEF\xBB\xBFid,name\r\n1,\"a, \"\"b\"\"\nc\"\n\n2\n3,");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_THAT(table->columns, ElementsAre("id", "name"));
  EXPECT_THAT(table->rows, ElementsAre(ElementsAre("1", "a, \"b\"\nc"), ElementsAre("2", ""),
                                       ElementsAre("3", "")));
}

TEST(Csv, NamesTheLineOfAFault) {
  EXPECT_EQ(fault("a,b\n1,2\n1,2,3"), "line 3: there are 3 cells for 2 columns");
  EXPECT_EQ(fault("a,a"), "line 1: there are two columns 'a'");
  EXPECT_EQ(fault("a,,b"), "line 1: a column has no name");
  EXPECT_EQ(fault(""), "line 1: a column has no name");
  EXPECT_EQ(fault("a\n\"x\ny"), "line 2: the text in quotes has no end");
  EXPECT_EQ(fault("a\n\"x\"y"), "line 2: there is text behind the quotes");
}

class LookupsTest : public ::testing::Test {
 protected:
  ~LookupsTest() override { std::filesystem::remove_all(folder_); }

  static std::string make_folder() {
    std::string folder =
        (std::filesystem::temp_directory_path() / "livedata-lookups-XXXXXX").string();
    return ::mkdtemp(folder.data());
  }

  const std::string folder_ = make_folder();
  PosixFileSystem files_;
  Lookups lookups_{files_, Path(folder_) / "lookups" / "default"};
};

TEST_F(LookupsTest, KeepsWhatWasPut) {
  EXPECT_THAT(*lookups_.names(), ElementsAre());
  EXPECT_TRUE(*lookups_.put("users", "id,name\n1,a\n"));
  EXPECT_FALSE(*lookups_.put("users", "id,name\n2,b\n"));
  EXPECT_TRUE(*lookups_.put("a-B_9", "x\n"));
  EXPECT_THAT(*lookups_.names(), ElementsAre("a-B_9", "users"));
  EXPECT_EQ(*lookups_.text("users"), "id,name\n2,b\n");
  EXPECT_THAT(lookups_.table("users")->rows, ElementsAre(ElementsAre("2", "b")));
  EXPECT_TRUE(lookups_.remove("users"));
  EXPECT_EQ(lookups_.text("users").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(lookups_.remove("users").error().code, ErrorCode::kNotFound);
}

TEST_F(LookupsTest, ANameIsNeverAPath) {
  for (const std::string& name :
       {std::string(), std::string("../x"), std::string("a/b"), std::string("."),
        std::string("a.csv"), std::string("é"), std::string("a\0b", 3), std::string(65, 'a')}) {
    EXPECT_EQ(lookups_.put(name, "a\n1\n").error().code, ErrorCode::kInvalidArgument) << name;
    EXPECT_EQ(lookups_.text(name).error().code, ErrorCode::kInvalidArgument) << name;
    EXPECT_EQ(lookups_.remove(name).error().code, ErrorCode::kInvalidArgument) << name;
  }
}

TEST_F(LookupsTest, RefusesWhatIsNoTable) {
  EXPECT_EQ(lookups_.put("x", "a\n\xff").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(lookups_.put("x", std::string(kMaxFileBytes + 1, 'a')).error().code,
            ErrorCode::kTooLarge);
  EXPECT_THAT(lookups_.put("x", "a\n1,2").error().message, HasSubstr("line 2"));
  EXPECT_THAT(*lookups_.names(), ElementsAre());
}

}  // namespace
}  // namespace livedata::query::lookups
