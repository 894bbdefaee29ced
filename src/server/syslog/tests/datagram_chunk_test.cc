#include "server/syslog/datagram_chunk.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace livedata::server {
namespace {

struct Datagram {
  std::string bytes;
  std::string peer;
  bool operator==(const Datagram&) const = default;
};

std::vector<Datagram> read(std::string_view chunk) {
  std::vector<Datagram> out;
  DatagramChunkReader reader(chunk);
  for (std::string_view datagram; reader.next(datagram);)
    out.push_back({std::string(datagram), std::string(reader.peer())});
  EXPECT_FALSE(reader.is_damaged());
  return out;
}

TEST(DatagramChunkTest, GivesWhatWasAdded) {
  DatagramChunkWriter writer(1000);
  EXPECT_TRUE(writer.empty());
  const std::vector<Datagram> sent = {{"one", "192.0.2.1"},
                                      {"", "192.0.2.1"},
                                      {std::string("two\0three", 9), "2001:db8::1"},
                                      {std::string(200, 'x'), "192.0.2.1"}};
  for (const Datagram& datagram : sent) writer.add(datagram.bytes, datagram.peer, 42);
  EXPECT_FALSE(writer.full());
  writer.add(std::string(1000, 'y'), "192.0.2.1", 43);
  EXPECT_TRUE(writer.full());
  const std::string chunk = writer.take();
  EXPECT_TRUE(writer.empty());
  EXPECT_EQ(DatagramChunkReader(chunk).arrival(), 42);
  auto received = read(chunk);
  ASSERT_EQ(received.size(), 5U);
  received.pop_back();
  EXPECT_EQ(received, sent);
  EXPECT_EQ(count_datagrams(chunk), 5U);
  // Each chunk names its peers itself.
  writer.add("next", "192.0.2.1", 44);
  EXPECT_EQ(read(writer.take()), (std::vector<Datagram>{{"next", "192.0.2.1"}}));
}

TEST(DatagramChunkTest, RandomOnesComeBack) {
  std::mt19937_64 random(7);
  DatagramChunkWriter writer(std::size_t{1} << 20U);
  for (int round = 0; round < 50; ++round) {
    std::vector<Datagram> sent;
    for (std::uint64_t i = random() % 200 + 1; i > 0; --i) {
      sent.push_back({std::string(random() % 3000, static_cast<char>(random())),
                      "192.0.2." + std::to_string(random() % 3)});
      writer.add(sent.back().bytes, sent.back().peer, round);
    }
    ASSERT_EQ(read(writer.take()), sent);
  }
}

TEST(DatagramChunkTest, DamageIsFoundAndNothingElseHappens) {
  DatagramChunkWriter writer(1000);
  for (int i = 0; i < 20; ++i)
    writer.add("datagram " + std::to_string(i), i % 3 == 0 ? "192.0.2.1" : "192.0.2.2", 1);
  const std::string good = writer.take();
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_LE(count_datagrams(std::string_view(good).substr(0, size)), 20U);
  EXPECT_TRUE(DatagramChunkReader("").is_damaged());
  DatagramChunkReader cut(std::string_view(good).substr(0, good.size() - 1));
  for (std::string_view datagram; cut.next(datagram);) {
  }
  EXPECT_TRUE(cut.is_damaged());
  std::mt19937_64 random(3);
  for (int i = 0; i < 20'000; ++i) {
    std::string bad = good;
    for (std::uint64_t n = random() % 4 + 1; n > 0; --n)
      bad[random() % bad.size()] = static_cast<char>(random());
    DatagramChunkReader reader(bad);
    std::size_t bytes = 0;
    for (std::string_view datagram; reader.next(datagram);) bytes += datagram.size();
    ASSERT_LE(bytes, bad.size());
  }
}

}  // namespace
}  // namespace livedata::server
