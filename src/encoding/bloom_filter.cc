#include "encoding/bloom_filter.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/check.h"

namespace livedata::encoding {
namespace {

constexpr unsigned kMaxProbes = 30;

// 64 x 64 bit product, of which the high half maps a hash onto a range without a division.
__extension__ using Uint128 = unsigned __int128;

/// The bits that a hash stands for, one after the other.
class Probes {
 public:
  Probes(std::uint64_t hash, std::size_t num_bits)
      : at_(hash),
        step_((hash >> 32U | hash << 32U) * 0x9E3779B97F4A7C15ULL | 1U),
        num_bits_(num_bits) {}

  std::size_t next() {
    const auto bit = static_cast<std::size_t>(static_cast<Uint128>(at_) * num_bits_ >> 64U);
    at_ += step_;
    return bit;
  }

 private:
  std::uint64_t at_;
  std::uint64_t step_;
  std::size_t num_bits_;
};

}  // namespace

BloomFilter BloomFilter::build(const std::vector<std::uint64_t>& hashes,
                               double false_positive_rate) {
  LIVEDATA_CHECK(false_positive_rate > 0 && false_positive_rate < 1);
  BloomFilter filter;
  if (hashes.empty()) return filter;
  const double ln2 = std::log(2.0);
  const auto keys = static_cast<double>(hashes.size());
  const double bits = -keys * std::log(false_positive_rate) / (ln2 * ln2);
  filter.words_.resize(static_cast<std::size_t>(std::ceil(bits / 64)));
  const auto real_bits = static_cast<double>(filter.words_.size() * 64);
  filter.probes_ = static_cast<unsigned>(
      std::clamp(std::round(real_bits / keys * ln2), 1.0, static_cast<double>(kMaxProbes)));
  for (const std::uint64_t hash : hashes) {
    Probes probes(hash, filter.words_.size() * 64);
    for (unsigned i = 0; i < filter.probes_; ++i) {
      const std::size_t bit = probes.next();
      filter.words_[bit / 64] |= std::uint64_t{1} << (bit % 64);
    }
  }
  return filter;
}

bool BloomFilter::may_contain(std::uint64_t hash) const {
  if (words_.empty()) return false;
  Probes probes(hash, words_.size() * 64);
  for (unsigned i = 0; i < probes_; ++i) {
    const std::size_t bit = probes.next();
    if ((words_[bit / 64] >> (bit % 64) & 1U) == 0) return false;
  }
  return true;
}

void BloomFilter::encode(ByteWriter& out) const {
  out.u8(static_cast<std::uint8_t>(probes_));
  out.varint(words_.size());
  for (const std::uint64_t word : words_) out.u64(word);
}

Result<BloomFilter> BloomFilter::decode(ByteReader& in) {
  BloomFilter filter;
  filter.probes_ = in.u8();
  const std::size_t words = in.count(sizeof(std::uint64_t));
  const std::string_view bytes = in.bytes(words * sizeof(std::uint64_t));
  if (!in.ok() || filter.probes_ < 1 || filter.probes_ > kMaxProbes)
    return fail(ErrorCode::kCorrupt, "damaged Bloom filter");
  filter.words_.resize(words);
  if (words > 0) std::memcpy(filter.words_.data(), bytes.data(), bytes.size());
  return filter;
}

}  // namespace livedata::encoding
