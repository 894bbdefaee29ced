#include <random>

#include <gtest/gtest.h>

#include "ingest/syslog/format/framing.h"

namespace livedata::ingest::syslog {
namespace {

using Messages = std::vector<std::string>;
constexpr std::size_t kLimit = 100;

class SyslogFramingTest : public testing::Test {
 protected:
  Messages read(std::string_view bytes) {
    Messages out;
    reader_.consume(bytes, [&](std::string_view message) { out.emplace_back(message); });
    return out;
  }
  Messages finish() {
    Messages out;
    reader_.finish([&](std::string_view message) { out.emplace_back(message); });
    return out;
  }

  FrameReader reader_{kLimit};
};

std::string counted(const std::string& message) {
  return std::to_string(message.size()) + " " + message;
}

TEST_F(SyslogFramingTest, NewlinesEndMessages) {
  EXPECT_EQ(read("<1>a\n<2>b\r\n<3>c"), (Messages{"<1>a", "<2>b\r"}));
  EXPECT_EQ(read("d\n"), Messages{"<3>cd"});
  EXPECT_EQ(finish(), Messages{});
}

TEST_F(SyslogFramingTest, NulsEndMessages) {
  using namespace std::string_literals;
  EXPECT_EQ(read("<1>a\0<2>b\0\n\0<3>c\n\0"s), (Messages{"<1>a", "<2>b", "<3>c"}));
}

TEST_F(SyslogFramingTest, CountsEndMessages) {
  EXPECT_EQ(read("4 <1>a7 <2>b\nc\n"), (Messages{"<1>a", "<2>b\nc\n"}));
  EXPECT_EQ(read("4 <1>d\n4 <1>e"), (Messages{"<1>d", "<1>e"}));
}

TEST_F(SyslogFramingTest, EachMessageHasItsOwnFraming) {
  EXPECT_EQ(read("4 <1>a<2>b\n4 <3>c4 <4>d<5>e\n"),
            (Messages{"<1>a", "<2>b", "<3>c", "<4>d", "<5>e"}));
}

TEST_F(SyslogFramingTest, NumbersThatAreNoCounts) {
  EXPECT_EQ(read("2024-01-15T10:30:00Z a\n12 apples\n0 <1>x\n123456789 <1>y\n"),
            (Messages{"2024-01-15T10:30:00Z a", "12 apples", "0 <1>x", "123456789 <1>y"}));
  EXPECT_EQ(read("1\n"), Messages{"1"});
  EXPECT_EQ(read("12 "), Messages{});
  EXPECT_EQ(read("x\n"), Messages{"12 x"});
}

// Then a message without a priority may come with a count, too.
TEST_F(SyslogFramingTest, BehindACountedMessageANumberIsACount) {
  EXPECT_EQ(read("4 <1>a6 apples<2>b\n"), (Messages{"<1>a", "apples", "<2>b"}));
}

TEST_F(SyslogFramingTest, TheEndOfTheStreamEndsTheMessage) {
  EXPECT_EQ(read("<1>a"), Messages{});
  EXPECT_EQ(finish(), Messages{"<1>a"});
  EXPECT_EQ(read("20 <1>b"), Messages{});
  EXPECT_EQ(finish(), Messages{"<1>b"});
  EXPECT_EQ(read("20"), Messages{});
  EXPECT_EQ(finish(), Messages{"20"});
  EXPECT_EQ(finish(), Messages{});
}

TEST_F(SyslogFramingTest, LongMessagesAreCut) {
  const std::string longer = "<1>" + std::string(3 * kLimit, 'x');
  const std::string kept = longer.substr(0, kLimit);
  EXPECT_EQ(read(longer + "\n<2>b\n"), (Messages{kept, "<2>b"}));
  EXPECT_EQ(reader_.num_cut(), 1U);
  EXPECT_EQ(reader_.bytes_cut(), longer.size() - kLimit);
  EXPECT_EQ(read(counted(longer) + counted("<2>b")), (Messages{kept, "<2>b"}));
  EXPECT_EQ(reader_.num_cut(), 2U);
  const std::string fits = "<1>" + std::string(kLimit - 3, 'x');
  EXPECT_EQ(read(fits + "\n"), Messages{fits});
  EXPECT_EQ(read(fits), Messages{});
  EXPECT_EQ(read("\n"), Messages{fits});
  EXPECT_EQ(reader_.num_cut(), 2U);
}

TEST_F(SyslogFramingTest, KeepsNoMoreThanTheLimit) {
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(read(std::string(77, 'x')), Messages{});
  EXPECT_LE(reader_.bytes_held(), kLimit + 1);
  EXPECT_EQ(read("\n"), Messages{std::string(kLimit, 'x')});
  EXPECT_EQ(reader_.bytes_cut(), 77'000 - kLimit);
  EXPECT_EQ(read("99999999 <1>"), Messages{});
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(read(std::string(77, 'x')), Messages{});
  EXPECT_LE(reader_.bytes_held(), kLimit + 1);
}

TEST_F(SyslogFramingTest, ManyNulsAndNewlinesAreReadInLinearTime) {
  using namespace std::string_literals;
  std::string bytes;
  for (int i = 0; i < 200'000; ++i) bytes += i < 100'000 ? "<1>abc\0"s : "<1>abc\n"s;
  FrameReader reader(kLimit);
  std::size_t count = 0;
  reader.consume(bytes, [&](std::string_view) { ++count; });
  EXPECT_EQ(count, 200'000U);
}

// However the stream is split into segments, the same messages come out.
TEST_F(SyslogFramingTest, SplitsMakeNoDifference) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 2000; ++round) {
    std::string stream;
    Messages wanted;
    for (std::uint64_t n = random() % 12; n > 0; --n) {
      std::string message = "<" + std::to_string(random() % 192) + ">";
      for (std::uint64_t size = random() % 60; size > 0; --size)
        message += "abc 123<>\xC3\xA4"[random() % 11];
      const bool has_count = random() % 2 == 0;
      stream += has_count ? counted(message) : message + "\n";
      wanted.push_back(message);
    }
    FrameReader reader(kLimit);
    Messages got;
    const auto visit = [&](std::string_view message) { got.emplace_back(message); };
    for (std::string_view rest = stream; !rest.empty();) {
      const std::size_t size = 1 + random() % 30;
      // A copy of its own, so that a view that is kept too long is seen.
      const std::string segment(rest.substr(0, size));
      reader.consume(segment, visit);
      rest.remove_prefix(segment.size());
    }
    reader.finish(visit);
    ASSERT_EQ(got, wanted) << stream;
  }
}

TEST_F(SyslogFramingTest, AnyBytesEndInMessages) {
  std::mt19937_64 random(6);
  for (int round = 0; round < 2000; ++round) {
    std::string stream;
    for (std::uint64_t size = random() % 400; size > 0; --size)
      stream += "0123456789 <>\n\0a\xC3\xA4"[random() % 18];
    const auto run = [&](std::size_t segment) {
      FrameReader reader(kLimit);
      Messages got;
      const auto visit = [&](std::string_view message) { got.emplace_back(message); };
      for (std::string_view rest = stream; !rest.empty();
           rest.remove_prefix(std::min(segment, rest.size())))
        reader.consume(rest.substr(0, segment), visit);
      reader.finish(visit);
      return got;
    };
    const Messages whole = run(1000);
    for (const std::string& message : whole) ASSERT_LE(message.size(), kLimit);
    ASSERT_EQ(run(1), whole) << stream;
    ASSERT_EQ(run(7), whole) << stream;
  }
}

TEST_F(SyslogFramingTest, CutsBetweenCharacters) {
  const std::string longer = std::string(kLimit - 1, 'x') + "\xC3\xA4zz";
  EXPECT_EQ(read(longer + "\n"), Messages{std::string(kLimit - 1, 'x')});
  read(longer.substr(0, 50));
  EXPECT_EQ(read(longer.substr(50) + "\n"), Messages{std::string(kLimit - 1, 'x')});
}

}  // namespace
}  // namespace livedata::ingest::syslog
