#include "storage/index/label_postings.h"

#include <algorithm>
#include <map>

namespace livedata::storage {
namespace {

// A bitmap of one container takes more than this many varints.
constexpr std::size_t kSmall = 8;

tl::unexpected<Error> corrupt() { return fail(ErrorCode::kCorrupt, "damaged label postings"); }

std::size_t shared_prefix(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first -
                                  a.begin());
}

/// Index of the value in an ascending column, or its size.
std::size_t find_value(const StringColumn& values, std::string_view value) {
  std::size_t low = 0;
  std::size_t high = values.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (values[middle] < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < values.size() && values[low] == value ? low : values.size();
}

}  // namespace

void LabelPostings::Name::add_posting(std::span<const StreamOrdinal> ordinals) {
  if (ordinals.size() <= kSmall) {
    postings.push_back(
        {static_cast<std::uint32_t>(small.size()), static_cast<std::uint32_t>(ordinals.size())});
    small.insert(small.end(), ordinals.begin(), ordinals.end());
  } else {
    postings.push_back({static_cast<std::uint32_t>(bitmaps.size()), 0});
    bitmaps.push_back(StreamBitmap::build(ordinals));
  }
}

template <class Visit>
void LabelPostings::Name::for_each(std::size_t value, const Visit& visit) const {
  const Posting& posting = postings[value];
  if (posting.count == 0) {
    bitmaps[posting.begin].for_each(visit);
  } else {
    for (std::uint32_t i = 0; i < posting.count; ++i) visit(small[posting.begin + i]);
  }
}

void LabelPostings::Name::add_to(std::size_t value, StreamSet& set) const {
  if (postings[value].count == 0) {
    bitmaps[postings[value].begin].add_to(set);
  } else {
    for_each(value, [&](StreamOrdinal ordinal) { set.insert(ordinal); });
  }
}

LabelPostings LabelPostings::build(std::span<const StreamRef> streams) {
  std::map<std::string_view, std::map<std::string_view, std::vector<StreamOrdinal>>> sorted;
  for (StreamOrdinal ordinal = 0; ordinal < streams.size(); ++ordinal) {
    for (const Label& label : streams[ordinal]->labels)
      sorted[label.name][label.value].push_back(ordinal);
  }
  LabelPostings postings;
  postings.num_streams_ = streams.size();
  for (const auto& [name, values] : sorted) {
    Name& entry = postings.names_.emplace_back();
    entry.name = name;
    for (const auto& [value, ordinals] : values) {
      entry.values.append(value);
      entry.add_posting(ordinals);
    }
  }
  return postings;
}

const LabelPostings::Name* LabelPostings::find_name(std::string_view name) const {
  const auto found =
      std::lower_bound(names_.begin(), names_.end(), name,
                       [](const Name& entry, std::string_view n) { return entry.name < n; });
  return found != names_.end() && found->name == name ? &*found : nullptr;
}

StreamSet LabelPostings::meeting(const LabelMatcher& matcher) const {
  const Name* name = find_name(matcher.name());
  if (name == nullptr) return StreamSet(num_streams_, matcher.matches(std::string_view()));
  // A stream without the label counts as having the empty value.
  StreamSet met(num_streams_);
  if (matcher.matches(std::string_view())) {
    StreamSet having(num_streams_);
    for (std::size_t v = 0; v < name->values.size(); ++v) name->add_to(v, having);
    met = StreamSet(num_streams_, true);
    for (const StreamOrdinal ordinal : having.ordinals()) met.remove(ordinal);
  }
  if (matcher.op() == MatchOp::kEqual) {
    const std::size_t value = find_value(name->values, matcher.value());
    if (value < name->values.size()) name->add_to(value, met);
    return met;
  }
  for (std::size_t v = 0; v < name->values.size(); ++v) {
    if (matcher.matches(name->values[v])) name->add_to(v, met);
  }
  return met;
}

StreamSet LabelPostings::find(std::span<const LabelMatcher> matchers) const {
  StreamSet found(num_streams_, true);
  for (const LabelMatcher& matcher : matchers) found.intersect(meeting(matcher));
  return found;
}

std::vector<Labels> LabelPostings::label_sets() const {
  std::vector<std::vector<Label>> sets(num_streams_);
  for (const Name& name : names_) {
    for (std::size_t v = 0; v < name.values.size(); ++v) {
      name.for_each(v, [&](StreamOrdinal ordinal) {
        sets[ordinal].push_back({name.name, std::string(name.values[v])});
      });
    }
  }
  std::vector<Labels> out;
  out.reserve(sets.size());
  for (std::vector<Label>& set : sets) out.emplace_back(std::move(set));
  return out;
}

std::size_t LabelPostings::size_bytes() const {
  std::size_t bytes = 0;
  for (const Name& name : names_) {
    bytes += sizeof(Name) + name.values.bytes().size() + name.values.size() * 4 +
             name.postings.size() * sizeof(Posting) + name.small.size() * sizeof(StreamOrdinal);
    for (const StreamBitmap& bitmap : name.bitmaps) bytes += bitmap.size_bytes();
  }
  return bytes;
}

void LabelPostings::Name::encode_posting(std::size_t value, encoding::ByteWriter& out) const {
  const Posting& posting = postings[value];
  if (posting.count == 0) {
    out.varint(bitmaps[posting.begin].size());
    bitmaps[posting.begin].encode(out);
    return;
  }
  out.varint(posting.count);
  StreamOrdinal next = 0;
  for_each(value, [&](StreamOrdinal ordinal) {
    out.varint(ordinal - next);
    next = ordinal + 1;
  });
}

void LabelPostings::encode(encoding::ByteWriter& out) const {
  out.varint(names_.size());
  for (const Name& name : names_) {
    out.string(name.name);
    out.varint(name.values.size());
    std::string_view before;
    for (std::size_t v = 0; v < name.values.size(); ++v) {
      const std::string_view value = name.values[v];
      const std::size_t shared = shared_prefix(before, value);
      out.varint(shared);
      out.string(value.substr(shared));
      before = value;
      name.encode_posting(v, out);
    }
  }
}

Result<void> LabelPostings::Name::decode_posting(encoding::ByteReader& in,
                                                 std::size_t num_streams) {
  const std::uint64_t count = in.varint();
  if (!in.ok() || count == 0 || count > num_streams) return corrupt();
  if (count > kSmall) {
    postings.push_back({static_cast<std::uint32_t>(bitmaps.size()), 0});
    LIVEDATA_TRY(StreamBitmap bitmap, StreamBitmap::decode(in, num_streams));
    if (bitmap.size() != count) return corrupt();
    bitmaps.push_back(std::move(bitmap));
    return {};
  }
  postings.push_back({static_cast<std::uint32_t>(small.size()), static_cast<std::uint32_t>(count)});
  std::uint64_t next = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t distance = in.varint();
    if (!in.ok() || distance >= num_streams || next + distance >= num_streams) return corrupt();
    small.push_back(static_cast<StreamOrdinal>(next + distance));
    next += distance + 1;
  }
  return {};
}

Result<LabelPostings> LabelPostings::decode(encoding::ByteReader& in, std::size_t num_streams) {
  LabelPostings postings;
  postings.num_streams_ = num_streams;
  postings.names_.resize(in.count(2));
  for (Name& name : postings.names_) {
    name.name = in.string();
    const std::size_t num_values = in.count(4);
    std::string value;
    for (std::size_t v = 0; v < num_values; ++v) {
      const std::uint64_t shared = in.varint();
      const std::string_view rest = in.string();
      if (!in.ok() || shared > value.size()) return corrupt();
      value.resize(static_cast<std::size_t>(shared));
      value += rest;
      name.values.append(value);
      LIVEDATA_RETURN_IF_ERROR(name.decode_posting(in, num_streams));
    }
  }
  if (!in.ok()) return corrupt();
  return postings;
}

}  // namespace livedata::storage
