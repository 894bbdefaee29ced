#include "storage/index/label_postings.h"

#include <algorithm>
#include <map>

#include "encoding/integer_column.h"

namespace livedata::storage {

LabelPostings LabelPostings::build(std::span<const StreamRef> streams) {
  std::map<std::string_view, std::map<std::string_view, std::vector<StreamOrdinal>>> sorted;
  for (StreamOrdinal ordinal = 0; ordinal < streams.size(); ++ordinal) {
    for (const Label& label : streams[ordinal]->labels)
      sorted[label.name][label.value].push_back(ordinal);
  }
  LabelPostings postings;
  postings.num_streams_ = streams.size();
  for (auto& [name, values] : sorted) {
    Name& entry = postings.names_.emplace_back();
    entry.name = name;
    for (auto& [value, ordinals] : values)
      entry.values.push_back({std::string(value), std::move(ordinals)});
  }
  return postings;
}

const LabelPostings::Name* LabelPostings::find_name(std::string_view name) const {
  const auto found =
      std::lower_bound(names_.begin(), names_.end(), name,
                       [](const Name& entry, std::string_view n) { return entry.name < n; });
  return found != names_.end() && found->name == name ? &*found : nullptr;
}

void LabelPostings::apply(const LabelMatcher& matcher, std::vector<bool>& alive) const {
  // A stream without the label counts as having the empty value.
  std::vector<bool> meets(num_streams_, matcher.matches(std::string_view()));
  if (const Name* name = find_name(matcher.name())) {
    for (const Value& value : name->values) {
      const bool matches = matcher.matches(value.value);
      for (const StreamOrdinal ordinal : value.ordinals) meets[ordinal] = matches;
    }
  }
  for (std::size_t i = 0; i < num_streams_; ++i) alive[i] = alive[i] && meets[i];
}

std::vector<StreamOrdinal> LabelPostings::find(const std::vector<LabelMatcher>& matchers) const {
  std::vector<bool> alive(num_streams_, true);
  for (const LabelMatcher& matcher : matchers) apply(matcher, alive);
  std::vector<StreamOrdinal> out;
  for (StreamOrdinal i = 0; i < num_streams_; ++i) {
    if (alive[i]) out.push_back(i);
  }
  return out;
}

void LabelPostings::encode(encoding::ByteWriter& out) const {
  out.varint(names_.size());
  for (const Name& name : names_) {
    out.string(name.name);
    out.varint(name.values.size());
    for (const Value& value : name.values) {
      out.string(value.value);
      out.varint(value.ordinals.size());
      encoding::encode_integers(
          std::vector<std::int64_t>(value.ordinals.begin(), value.ordinals.end()), out);
    }
  }
}

Result<LabelPostings> LabelPostings::decode(encoding::ByteReader& in, std::size_t num_streams) {
  LabelPostings postings;
  postings.num_streams_ = num_streams;
  postings.names_.resize(in.count(2));
  for (Name& name : postings.names_) {
    name.name = in.string();
    name.values.resize(in.count(2));
    for (Value& value : name.values) {
      value.value = in.string();
      const std::uint64_t count = in.varint();
      if (!in.ok() || count > num_streams)
        return fail(ErrorCode::kCorrupt, "damaged label postings");
      for (const std::int64_t ordinal :
           encoding::decode_integers(in, static_cast<std::size_t>(count))) {
        if (ordinal < 0 || static_cast<std::uint64_t>(ordinal) >= num_streams) {
          return fail(ErrorCode::kCorrupt, "damaged label postings");
        }
        value.ordinals.push_back(static_cast<StreamOrdinal>(ordinal));
      }
    }
  }
  if (!in.ok()) return fail(ErrorCode::kCorrupt, "damaged label postings");
  return postings;
}

}  // namespace livedata::storage
