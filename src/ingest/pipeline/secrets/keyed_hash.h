#pragma once

#include <cstdint>
#include <string_view>

namespace livedata::ingest::pipeline {

/// SipHash-2-4 (Aumasson and Bernstein, 2012) under a 128-bit key: without the key nobody can find
/// the text by trying, as they could with a plain hash of a card number.
class KeyedHash {
 public:
  /// The key is made of any text.
  explicit KeyedHash(std::string_view key_text);
  KeyedHash(std::uint64_t key0, std::uint64_t key1) : key0_(key0), key1_(key1) {}

  [[nodiscard]] std::uint64_t of(std::string_view text) const;

 private:
  std::uint64_t key0_;
  std::uint64_t key1_;
};

}  // namespace livedata::ingest::pipeline
