#include "ingest/pipeline/secrets/keyed_hash.h"

#include <bit>
#include <cstring>

#include "base/hash.h"

namespace livedata::ingest::pipeline {
namespace {

struct State {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }

  void take(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

}  // namespace

KeyedHash::KeyedHash(std::string_view key_text) {
  const Hash128 key = hash128(key_text);
  key0_ = key.low;
  key1_ = key.high;
}

std::uint64_t KeyedHash::of(std::string_view text) const {
  State state{key0_ ^ 0x736f6d6570736575ULL, key1_ ^ 0x646f72616e646f6dULL,
              key0_ ^ 0x6c7967656e657261ULL, key1_ ^ 0x7465646279746573ULL};
  const std::uint64_t size = text.size();
  while (text.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    state.take(word);
    text.remove_prefix(8);
  }
  std::uint64_t last = size << 56U;
  for (std::size_t i = 0; i < text.size(); ++i)
    last |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
  state.take(last);
  state.v2 ^= 0xFFU;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace livedata::ingest::pipeline
