#include "encoding/gram_filter.h"

#include <bit>
#include <cstring>
#include <numeric>

namespace livedata::encoding {
namespace {

/// kMaxGramBitsLog2 bits in the middle of a 64-bit product, where each depends on all bits of the
/// gram. Filters of fewer bits use the lower ones, so that a large filter folds into a small one
/// by halves.
std::uint32_t gram_hash(const char* gram) {
  std::uint32_t bytes = 0;
  std::memcpy(&bytes, gram, sizeof bytes);
  return static_cast<std::uint32_t>((bytes * 0x9E3779B97F4A7C15ULL) >> 40U) &
         ((1U << kMaxGramBitsLog2) - 1);
}

std::size_t count_bits(const std::vector<std::uint64_t>& words) {
  return std::accumulate(words.begin(), words.end(), std::size_t{0},
                         [](std::size_t sum, std::uint64_t word) {
                           return sum + static_cast<std::size_t>(std::popcount(word));
                         });
}

}  // namespace

bool GramFilter::may_contain(std::string_view needle) const {
  for (std::size_t i = 0; i + kGramBytes <= needle.size(); ++i) {
    const std::uint32_t bit = gram_hash(needle.data() + i) & ((1U << log2_) - 1);
    if ((bits_[bit >> 6U] >> (bit & 63U) & 1U) == 0) return false;
  }
  return true;
}

double GramFilter::fill() const {
  return static_cast<double>(count_bits(bits_)) / static_cast<double>(bits_.size() * 64);
}

void GramFilter::encode(ByteWriter& out) const {
  out.u8(static_cast<std::uint8_t>(log2_));
  for (const std::uint64_t word : bits_) out.u64(word);
}

Result<GramFilter> GramFilter::decode(ByteReader& in) {
  GramFilter filter;
  filter.log2_ = in.u8();
  if (filter.log2_ < kMinGramBitsLog2 || filter.log2_ > kMaxGramBitsLog2)
    return fail(ErrorCode::kCorrupt, "damaged gram filter");
  const std::string_view bytes = in.bytes(std::size_t{1} << (filter.log2_ - 3U));
  if (!in.ok()) return fail(ErrorCode::kCorrupt, "damaged gram filter");
  filter.bits_.resize(bytes.size() / sizeof(std::uint64_t));
  std::memcpy(filter.bits_.data(), bytes.data(), bytes.size());
  return filter;
}

void GramFilterBuilder::add(std::string_view text) {
  for (std::size_t i = 0; i + kGramBytes <= text.size(); ++i) {
    const std::uint32_t bit = gram_hash(text.data() + i);
    bits_[bit >> 6U] |= std::uint64_t{1} << (bit & 63U);
  }
}

void GramFilterBuilder::merge(const GramFilterBuilder& other) {
  for (std::size_t i = 0; i < bits_.size(); ++i) bits_[i] |= other.bits_[i];
}

GramFilter GramFilterBuilder::finish(double max_fill) const {
  GramFilter filter;
  filter.bits_ = bits_;
  filter.log2_ = kMaxGramBitsLog2;
  while (filter.log2_ > kMinGramBitsLog2) {
    const std::size_t half = filter.bits_.size() / 2;
    std::vector<std::uint64_t> folded(filter.bits_.begin(),
                                      filter.bits_.begin() + static_cast<std::ptrdiff_t>(half));
    for (std::size_t i = 0; i < half; ++i) folded[i] |= filter.bits_[half + i];
    if (static_cast<double>(count_bits(folded)) > max_fill * static_cast<double>(half * 64)) break;
    filter.bits_ = std::move(folded);
    --filter.log2_;
  }
  return filter;
}

}  // namespace livedata::encoding
