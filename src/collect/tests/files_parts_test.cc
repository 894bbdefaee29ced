#include <filesystem>
#include <fstream>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/files/byte_source.h"
#include "collect/files/content_mark.h"
#include "collect/files/line_splitter.h"
#include "collect/files/position.h"
#include "collect/files/rotated_name.h"
#include "collect/files/text_encoding.h"
#include "collect/tests/followed_files.h"
#include "ingest/record_intake.h"
#include "ingest/repeated_times.h"

namespace livedata::collect {
namespace {

TEST(RotatedNameTest, KnowsTheUsualForms) {
  for (const char* rotated :
       {"app.log.1", "app.log.12.gz", "app.log-20260102", "app.log-20260102-1767323045.gz",
        "app.log.2026-01-02.zst", "app.log.old", "app.log.1.old", "app-2026-01-02.log",
        "app.2026-01-02.3.log.gz", "app-2026-01-02T03-04-05.678.log", "app.1.log", "app_1.log",
        "app.log.gz"}) {
    EXPECT_EQ(unrotated_name(rotated), "app.log") << rotated;
  }
  for (const char* name : {"app.log", "app", "1", "1.log", ".1", "app.", "log4j", "v2.x.log", ""})
    EXPECT_EQ(unrotated_name(name), name) << name;
  EXPECT_EQ(unrotated_name("syslog.7.gz"), "syslog");
  EXPECT_EQ(unrotated_name("error_log-20260101"), "error_log");
}

TEST(PositionTest, ComesBackAsItWas) {
  Position position;
  position.file = {1, 2, -3};
  position.mark = {4, UINT64_MAX, 6};
  position.modified = 7;
  position.in_line = true;
  position.encoding = TextEncoding::kUtf16Be;
  position.times = {1, INT64_MIN, INT64_MAX, 0};
  position.written = 8;
  position.name = "a name # with spaces";
  const auto parsed = Position::parse(position.to_text());
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->to_text(), position.to_text());
  EXPECT_EQ(parsed->name, position.name);
  EXPECT_TRUE(parsed->in_line);
  EXPECT_FALSE(parsed->is_done);
  const std::string text = position.to_text();
  for (std::size_t size = 0; size + position.name.size() + 1 < text.size(); ++size)
    EXPECT_FALSE(Position::parse(text.substr(0, size)).has_value()) << text.substr(0, size);
  EXPECT_FALSE(Position::parse("2" + text.substr(1)).has_value());
  const auto key = PositionKey::parse(PositionKey{"/a/b#c", 17}.to_text());
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->path, "/a/b#c");
  EXPECT_EQ(key->number, 17U);
  for (const char* other :
       {"", "file:", "file:/x", "file:/x#", "file:/x#y", "journal:x#1", "file:#1"})
    EXPECT_FALSE(PositionKey::parse(other).has_value()) << other;
}

TEST(RepeatedTimesTest, GivesTimesThatDifferAndKeepTheOrder) {
  ingest::RepeatedTimes times;
  EXPECT_EQ(times.next(100), 100);
  EXPECT_EQ(times.next(100), 101);
  EXPECT_EQ(times.next(50), 102);
  EXPECT_EQ(times.next(103), 103);
  const TimestampNs far = 10 * kNsPerSecond;
  EXPECT_EQ(times.next(far), far);
  EXPECT_EQ(times.next(100), 104);  // far back is no mistake
  EXPECT_EQ(times.next(far), far + 1);
  ingest::RepeatedTimes later;
  later.set_marks(times.marks());
  EXPECT_EQ(later.next(far), far + 2);
}

TEST(RepeatedTimesTest, ATimeIsNeverGivenTwice) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    std::mt19937_64 random(seed);
    ingest::RepeatedTimes times;
    std::set<TimestampNs> given;
    for (int i = 0; i < 2000; ++i) {
      // Three programs with clocks of their own.
      const auto hour = static_cast<TimestampNs>(random() % 3) * 3600 * kNsPerSecond;
      const TimestampNs stated = hour + i / 10 * (kNsPerSecond / 100);
      EXPECT_TRUE(given.insert(times.next(stated)).second);
    }
  }
}

TEST(RecordIntakeTest, KeepsRepeatsOfASourceThatSaysSo) {
  const Limits limits;
  const ingest::DecodeContext context{limits, 1000};
  ingest::RecordIntake intake(context);
  ingest::RepeatedTimes times;
  std::vector<Field> fields;
  intake.add(intake.stream({{"app", "x"}}), 5, "twice", fields);
  const auto slot =
      intake.stream({{"app", "x"}}, ingest::RecordIntake::Lines::kMayBeJoined, &times);
  for (int i = 0; i < 2; ++i) {
    fields.clear();
    intake.add(slot, 5, "kept", fields);
  }
  EXPECT_THAT(intake.take().batch.timestamps(), testing::ElementsAre(5, 5, 6));
}

TEST(LineSplitterTest, PiecesDoNotDependOnHowTheBytesCome) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    std::mt19937_64 random(seed);
    const TextEncoding encoding = seed % 2 == 0 ? TextEncoding::kUtf8 : TextEncoding::kUtf16Le;
    std::string text;
    for (int i = 0; i < 200; ++i) {
      const std::uint64_t kind = random() % 8;
      const char c = kind == 0 ? '\n' : kind == 1 ? '\r' : static_cast<char>('a' + kind);
      text += c;
      if (encoding == TextEncoding::kUtf16Le) text += '\0';
    }
    const auto pieces = [&](std::size_t step) {
      LineSplitter splitter(encoding, 16);
      Lines lines;
      std::size_t taken = 0;
      for (std::size_t have = step;; have += step) {
        have = std::min(have, text.size());
        taken +=
            splitter.split(std::string_view(text).substr(taken, have - taken), taken,
                           have == text.size(), [&](const RawLine& line) {
                             EXPECT_LE(line.text.size(), 16U);
                             lines.push_back(std::to_string(line.begin) +
                                             (line.continues ? "+" : " ") + std::string(line.text));
                           });
        if (have == text.size()) break;
      }
      EXPECT_EQ(taken, text.size());
      return lines;
    };
    const Lines whole = pieces(text.size());
    for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{50}})
      ASSERT_EQ(pieces(step), whole) << "seed " << seed << " step " << step;
  }
}

TEST(TextEncodingTest, DetectsByMarkAndByLook) {
  using namespace std::string_literals;
  using enum TextEncoding;
  EXPECT_EQ(detect_encoding("\xFF\xFEx\0"s, kAuto), kUtf16Le);
  EXPECT_EQ(detect_encoding("\xFE\xFF\0x"s, kAuto), kUtf16Be);
  EXPECT_EQ(detect_encoding("\xFE\xFF\0x"s, kUtf16Le), kUtf16Be);
  EXPECT_EQ(detect_encoding("\xFE\xFF\0x"s, kLatin1), kLatin1);
  EXPECT_EQ(detect_encoding("a\0b\0\n\0"s, kAuto), kUtf16Le);
  EXPECT_EQ(detect_encoding("\0a\0b\0\n"s, kAuto), kUtf16Be);
  EXPECT_EQ(detect_encoding("abc\n", kAuto), kUtf8);
  EXPECT_EQ(detect_encoding("", kAuto), kUtf8);
  EXPECT_FALSE(looks_binary("plain text\n\x1b[0m"));
  EXPECT_FALSE(looks_binary(std::string(100, '\0') + "text"));
  EXPECT_TRUE(
      looks_binary("\x7F"
                   "ELF\2\1\1\0\0\0\0"s));
}

TEST(TextEncodingTest, HalvesOfCharactersAreNoReasonToStop) {
  std::string storage;
  using namespace std::string_literals;
  EXPECT_EQ(to_utf8("\x3D\xD8"s, TextEncoding::kUtf16Le, storage), "\uFFFD");
  EXPECT_EQ(to_utf8("\x3D\xD8"
                    "a\0"s,
                    TextEncoding::kUtf16Le, storage),
            "\uFFFDa");
  EXPECT_EQ(to_utf8("\0\xDE"
                    "a"s,
                    TextEncoding::kUtf16Le, storage),
            "\uFFFD\uFFFD");
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    std::string text(random() % 20, '\0');
    for (char& c : text) c = static_cast<char>(random());
    for (const auto encoding : {TextEncoding::kUtf8, TextEncoding::kUtf16Le, TextEncoding::kUtf16Be,
                                TextEncoding::kLatin1}) {
      EXPECT_LE(to_utf8(text, encoding, storage).size(), text.size() * 2 + 3);
      const std::size_t cut = cut_before_character(text, text.size() / 2, encoding);
      EXPECT_LE(cut, text.size());
    }
  }
}

class ByteSourceTest : public FollowedFiles {};

TEST_F(ByteSourceTest, CompressedTextIsReadFromAnyPlace) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i * 7919LL) + "\n";
  for (const bool with_zstd : {false, true}) {
    const std::string name = with_zstd ? "a.zst" : "a.gz";
    const std::size_t half = text.size() / 2;
    const auto pack = [&](std::string_view part) {
      return with_zstd ? zstandard(part) : gzipped(part);
    };
    append(pack(std::string_view(text).substr(0, half)) + pack(std::string_view(text).substr(half)),
           name);
    const auto source = ByteSource::make(*open_file(folder_ / name),
                                         with_zstd ? Compression::kZstd : Compression::kGzip);
    std::mt19937_64 random(1);
    std::string buffer;
    std::uint64_t released = 0;
    for (int i = 0; i < 200; ++i) {
      const std::uint64_t offset = random() % (text.size() + 10);
      const std::size_t size = random() % 5000;
      auto got = source->read(offset, size, buffer);
      while (got && source->is_skipping()) got = source->read(offset, size, buffer);
      ASSERT_TRUE(got.has_value());
      ASSERT_EQ(*got, offset > text.size() ? "" : std::string_view(text).substr(offset, size));
      if (random() % 4 == 0) source->release(released = offset);
      ASSERT_EQ(*source->read(0, 1000, buffer), text.substr(0, 1000));
    }
    static_cast<void>(released);
    static_cast<void>(source->read(text.size(), 1, buffer));
    while (source->is_skipping()) static_cast<void>(source->read(text.size(), 1, buffer));
    EXPECT_TRUE(source->is_complete());
  }
}

TEST_F(ByteSourceTest, DamagedCompressedBytesAreToldAndEndSomewhere) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += std::to_string(i * 7919LL) + "\n";
  std::mt19937_64 random(1);
  for (int i = 0; i < 300; ++i) {
    const bool with_zstd = i % 2 == 0;
    std::string bytes = with_zstd ? zstandard(text) : gzipped(text);
    for (int j = 0; j < 3; ++j) bytes[random() % bytes.size()] = static_cast<char>(random());
    bytes.resize(random() % bytes.size() + 1);
    remove("x");
    append(bytes, "x");
    const auto source = ByteSource::make(*open_file(folder_ / "x"),
                                         with_zstd ? Compression::kZstd : Compression::kGzip);
    std::string buffer;
    std::uint64_t offset = 0;
    for (auto got = source->read(0, 100, buffer); got && !got->empty();
         got = source->read(offset, 100, buffer)) {
      offset += got->size();
      ASSERT_LT(offset, 1U << 24U);
    }
  }
}

}  // namespace
}  // namespace livedata::collect
