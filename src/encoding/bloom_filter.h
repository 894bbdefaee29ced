#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "encoding/byte_reader.h"
#include "encoding/byte_writer.h"

/// A Bloom filter (Bloom 1970) over 64-bit hashes: m = -n ln p / (ln 2)^2 bits for n keys at a
/// false-positive rate p, k = m/n ln 2 probes, taken from one hash by double hashing (Kirsch,
/// Mitzenmacher 2006).
///
/// As bytes: u8 probes, varint number of 64-bit words, the words.
namespace livedata::encoding {

class BloomFilter {
 public:
  /// The filter of these hashes, which should be distinct: repeated ones only waste bits.
  /// Precondition: 0 < false_positive_rate < 1.
  static BloomFilter build(const std::vector<std::uint64_t>& hashes, double false_positive_rate);

  /// False when no key has this hash.
  [[nodiscard]] bool may_contain(std::uint64_t hash) const;
  [[nodiscard]] std::size_t size_bytes() const { return words_.size() * sizeof(std::uint64_t); }

  void encode(ByteWriter& out) const;
  static Result<BloomFilter> decode(ByteReader& in);

 private:
  std::vector<std::uint64_t> words_;  // none: no keys
  unsigned probes_ = 1;
};

}  // namespace livedata::encoding
