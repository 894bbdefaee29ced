#include <snappy.h>

#include <array>
#include <cstring>
#include <string>

#include <protozero/pbf_reader.hpp>

#include "decoders/bare.h"

namespace livedata::bench {
namespace {

using protozero::pbf_reader;

std::string uncompressed(std::string_view bytes) {
  std::string out;
  snappy::Uncompress(bytes.data(), bytes.size(), &out);
  return out;
}

/// Which fields of a message are messages: their numbers, and what those are in turn.
struct Shape {
  struct Member {
    std::uint32_t tag;
    const Shape* shape;
  };
  std::array<Member, 3> members{};
};

// NOLINTNEXTLINE(misc-no-recursion): as deep as the shapes below
std::size_t walk(pbf_reader message, const Shape& shape) {
  std::size_t met = 0;
  while (message.next()) {
    ++met;
    const Shape* below = nullptr;
    for (const Shape::Member& member : shape.members) {
      if (member.tag == message.tag()) below = member.shape;
    }
    if (below != nullptr) {
      met += walk(message.get_message(), *below);
    } else {
      message.skip();
    }
  }
  return met;
}

constexpr Shape kLeaf;
constexpr Shape kEntry{{{{1, &kLeaf}, {3, &kLeaf}}}};
constexpr Shape kStream{{{{2, &kEntry}}}};
constexpr Shape kPushRequest{{{{1, &kStream}}}};

constexpr Shape kKeyValue{{{{2, &kLeaf}}}};
constexpr Shape kLogRecord{{{{5, &kLeaf}, {6, &kKeyValue}}}};
constexpr Shape kScopeLogs{{{{1, &kLeaf}, {2, &kLogRecord}}}};
constexpr Shape kResource{{{{1, &kKeyValue}}}};
constexpr Shape kResourceLogs{{{{1, &kResource}, {2, &kScopeLogs}}}};
constexpr Shape kExportRequest{{{{1, &kResourceLogs}}}};

/// Of the value at `at`: where the next one begins, as those inside it count as values of their
/// own. Only the types that the bodies have.
std::size_t next_msgpack(std::string_view bytes, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
  const unsigned tag = byte(0);
  if (tag < 0x80 || tag >= 0xE0) return at + 1;
  if (tag < 0xA0) return at + 1;  // head of a map or an array
  if (tag < 0xC0) return at + 1 + (tag & 0x1FU);
  switch (tag) {
    case 0xC6:  // binary: the entries of a message, which are visited
      return at + 5;
    case 0xD7:
      return at + 10;
    case 0xDA:
      return at + 3 + (std::size_t{byte(1)} << 8U | byte(2));
    default:
      return at + 1;
  }
}

}  // namespace

std::size_t uncompress_snappy(std::string_view bytes) { return uncompressed(bytes).size(); }

std::size_t walk_loki(std::string_view bytes) {
  const std::string raw = uncompressed(bytes);
  return walk(pbf_reader(raw.data(), raw.size()), kPushRequest);
}

std::size_t walk_otlp(std::string_view bytes) {
  return walk(pbf_reader(bytes.data(), bytes.size()), kExportRequest);
}

std::size_t walk_msgpack(std::string_view bytes) {
  std::size_t met = 0;
  for (std::size_t at = 0; at < bytes.size(); at = next_msgpack(bytes, at)) ++met;
  return met;
}

std::size_t split_lines(std::string_view text) {
  std::size_t lines = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    const auto* newline =
        static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    ++lines;
    if (newline == nullptr) break;
    at = newline + 1;
  }
  return lines;
}

}  // namespace livedata::bench
