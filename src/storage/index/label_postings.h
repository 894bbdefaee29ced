#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "encoding/byte_reader.h"
#include "encoding/byte_writer.h"
#include "model/label_matcher.h"
#include "model/labels.h"

namespace livedata::storage {

/// Numbers a stream within one segment.
using StreamOrdinal = std::uint32_t;

/// For each label name and value the streams that have it: answers which of a segment's streams
/// meet a list of matchers without looking at the streams. Immutable after building; thread-safe.
///
/// As bytes: names:varint, then per name: name, values:varint, per value: value, count:varint,
/// integer column of ordinals; all sorted.
class LabelPostings {
 public:
  LabelPostings() = default;
  static LabelPostings build(std::span<const StreamRef> streams);

  /// Ordinals of the streams that meet all matchers, ascending.
  [[nodiscard]] std::vector<StreamOrdinal> find(const std::vector<LabelMatcher>& matchers) const;

  void encode(encoding::ByteWriter& out) const;
  /// kCorrupt for ordinals of num_streams or more.
  static Result<LabelPostings> decode(encoding::ByteReader& in, std::size_t num_streams);

 private:
  struct Value {
    std::string value;
    std::vector<StreamOrdinal> ordinals;  // ascending
  };
  struct Name {
    std::string name;
    std::vector<Value> values;  // ascending
  };

  [[nodiscard]] const Name* find_name(std::string_view name) const;
  /// Keeps those bits of `alive` whose streams meet the matcher.
  void apply(const LabelMatcher& matcher, std::vector<bool>& alive) const;

  std::size_t num_streams_ = 0;
  std::vector<Name> names_;  // ascending
};

}  // namespace livedata::storage
