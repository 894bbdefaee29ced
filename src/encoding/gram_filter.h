#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "encoding/byte_reader.h"
#include "encoding/byte_writer.h"

/// Which sequences of kGramBytes bytes occur in a text: one bit per hashed sequence. A needle can
/// only occur in the text when every sequence within the needle does, so the filter prunes
/// substrings that begin and end anywhere, also inside words. One probe per sequence is enough,
/// since a needle has several. Sizes and rates: docs/format.md.
///
/// As bytes: u8 log2 of the number of bits, then the bits.
namespace livedata::encoding {

constexpr std::size_t kGramBytes = 4;
constexpr unsigned kMinGramBitsLog2 = 9;
constexpr unsigned kMaxGramBitsLog2 = 20;

/// Answers for needles. Immutable and thread-safe.
class GramFilter {
 public:
  /// False when the text can't contain the needle. Needles shorter than a gram are always true.
  [[nodiscard]] bool may_contain(std::string_view needle) const;
  [[nodiscard]] std::size_t size_bytes() const { return bits_.size() * sizeof(std::uint64_t); }
  /// Share of set bits.
  [[nodiscard]] double fill() const;

  void encode(ByteWriter& out) const;
  static Result<GramFilter> decode(ByteReader& in);

 private:
  friend class GramFilterBuilder;
  std::vector<std::uint64_t> bits_;
  unsigned log2_ = 0;
};

/// Collects the sequences of a text at full size; the result is folded to the size the text needs.
class GramFilterBuilder {
 public:
  GramFilterBuilder() : bits_(std::size_t{1} << (kMaxGramBitsLog2 - 6U)) {}

  /// Adds the sequences of one value.
  void add(std::string_view text);
  /// Adds those of another builder.
  void merge(const GramFilterBuilder& other);
  /// Forgets everything.
  void clear() { bits_.assign(bits_.size(), 0); }

  /// The smallest filter of which at most `max_fill` of the bits are set.
  [[nodiscard]] GramFilter finish(double max_fill) const;

 private:
  std::vector<std::uint64_t> bits_;
};

}  // namespace livedata::encoding
