#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "encoding/byte_reader.h"
#include "encoding/byte_writer.h"
#include "model/label_matcher.h"
#include "model/labels.h"
#include "model/record_batch.h"
#include "storage/index/stream_bitmap.h"

namespace livedata::storage {

/// For each label name and value the streams that have it: answers which of a segment's streams
/// meet a list of matchers without looking at the streams. It is also the only place where a
/// segment keeps its labels: the label sets are rebuilt from it. Values of few streams cost a few
/// bytes, so that a label with a value per stream is no burden. Immutable; thread-safe.
///
/// As bytes: names:varint, then per name: name:string values:varint, per value
///   prefix:varint (bytes shared with the value before) rest:string count:varint,
///   and for a count of up to kSmall that many varints (distance to the one before), else a
///   StreamBitmap; names and values sorted.
class LabelPostings {
 public:
  LabelPostings() = default;
  static LabelPostings build(std::span<const StreamRef> streams);

  [[nodiscard]] std::size_t num_streams() const { return num_streams_; }
  /// The streams that meet all matchers.
  [[nodiscard]] StreamSet find(std::span<const LabelMatcher> matchers) const;
  /// The label set of every stream, by ordinal.
  [[nodiscard]] std::vector<Labels> label_sets() const;
  [[nodiscard]] std::size_t size_bytes() const;

  void encode(encoding::ByteWriter& out) const;
  /// kCorrupt for ordinals of num_streams or more.
  static Result<LabelPostings> decode(encoding::ByteReader& in, std::size_t num_streams);

 private:
  /// The streams of one value: `count` of `small`, or bitmaps[begin].
  struct Posting {
    std::uint32_t begin = 0;
    std::uint32_t count = 0;  // 0: in a bitmap
  };
  struct Name {
    std::string name;
    StringColumn values;  // ascending
    std::vector<Posting> postings = {};
    std::vector<StreamOrdinal> small = {};
    std::vector<StreamBitmap> bitmaps = {};

    void add_posting(std::span<const StreamOrdinal> ordinals);
    void add_to(std::size_t value, StreamSet& set) const;
    template <class Visit>
    void for_each(std::size_t value, const Visit& visit) const;
    void encode_posting(std::size_t value, encoding::ByteWriter& out) const;
    Result<void> decode_posting(encoding::ByteReader& in, std::size_t num_streams);
  };

  [[nodiscard]] const Name* find_name(std::string_view name) const;
  [[nodiscard]] StreamSet meeting(const LabelMatcher& matcher) const;

  std::size_t num_streams_ = 0;
  std::vector<Name> names_;  // ascending
};

}  // namespace livedata::storage
