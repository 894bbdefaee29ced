#include "storage/index/stream_bitmap.h"

#include <algorithm>
#include <bit>

namespace livedata::storage {
namespace {

constexpr std::size_t kContainerWords = 1024;
constexpr std::size_t kMaxArray = 4096;  // a larger array would be larger than a bitmap

tl::unexpected<Error> corrupt() { return fail(ErrorCode::kCorrupt, "damaged label postings"); }

}  // namespace

StreamSet::StreamSet(std::size_t num_streams, bool all)
    : num_streams_(num_streams), words_((num_streams + 63) / 64) {
  if (all && num_streams > 0) insert_range(0, static_cast<StreamOrdinal>(num_streams - 1));
}

void StreamSet::insert_range(StreamOrdinal first, StreamOrdinal last) {
  StreamOrdinal i = first;
  for (; i <= last && i % 64 != 0; ++i) insert(i);
  for (; i + 63 <= last; i += 64) words_[i / 64] = ~std::uint64_t{0};
  for (; i <= last; ++i) insert(i);
}

void StreamSet::intersect(const StreamSet& other) {
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
}

bool StreamSet::empty() const {
  return std::all_of(words_.begin(), words_.end(), [](std::uint64_t word) { return word == 0; });
}

bool StreamSet::meets(StreamOrdinal first, StreamOrdinal last) const {
  for (StreamOrdinal i = first; i <= last;) {
    if (i % 64 == 0 && i + 63 <= last) {
      if (words_[i / 64] != 0) return true;
      i += 64;
    } else {
      if (contains(i)) return true;
      ++i;
    }
  }
  return false;
}

std::vector<StreamOrdinal> StreamSet::ordinals() const {
  std::vector<StreamOrdinal> out;
  for (std::size_t w = 0; w < words_.size(); ++w) {
    for (std::uint64_t rest = words_[w]; rest != 0; rest &= rest - 1) {
      out.push_back(
          static_cast<StreamOrdinal>(w * 64 + static_cast<std::size_t>(std::countr_zero(rest))));
    }
  }
  return out;
}

StreamBitmap::Container StreamBitmap::build_container(std::uint32_t key,
                                                      std::span<const StreamOrdinal> ordinals) {
  Container out{.key = key};
  std::vector<std::uint16_t> runs;
  for (const StreamOrdinal ordinal : ordinals) {
    const auto low = static_cast<std::uint16_t>(ordinal);
    if (!runs.empty() && runs.back() + 1 == low) {
      runs.back() = low;
    } else {
      runs.push_back(low);
      runs.push_back(low);
    }
  }
  if (runs.size() <= std::min(ordinals.size(), kContainerWords * 4)) {
    out.kind = Kind::kRuns;
    out.items = std::move(runs);
  } else if (ordinals.size() <= kMaxArray) {
    for (const StreamOrdinal ordinal : ordinals)
      out.items.push_back(static_cast<std::uint16_t>(ordinal));
  } else {
    out.kind = Kind::kBitmap;
    out.words.resize(kContainerWords);
    for (const StreamOrdinal ordinal : ordinals)
      out.words[(ordinal & 0xFFFFU) / 64] |= std::uint64_t{1} << (ordinal % 64);
  }
  return out;
}

StreamBitmap StreamBitmap::build(std::span<const StreamOrdinal> ordinals) {
  StreamBitmap out;
  for (std::size_t begin = 0; begin < ordinals.size();) {
    const std::uint32_t key = ordinals[begin] >> 16U;
    std::size_t end = begin;
    while (end < ordinals.size() && ordinals[end] >> 16U == key) ++end;
    out.containers_.push_back(build_container(key, ordinals.subspan(begin, end - begin)));
    begin = end;
  }
  return out;
}

void StreamBitmap::add_to(StreamSet& set) const {
  for (const Container& c : containers_) {
    if (c.kind != Kind::kRuns) continue;
    for (std::size_t run = 0; run + 1 < c.items.size(); run += 2)
      set.insert_range((c.key << 16U) + c.items[run], (c.key << 16U) + c.items[run + 1]);
  }
  const bool only_runs = std::all_of(containers_.begin(), containers_.end(),
                                     [](const Container& c) { return c.kind == Kind::kRuns; });
  if (!only_runs) for_each([&](StreamOrdinal ordinal) { set.insert(ordinal); });
}

std::size_t StreamBitmap::size() const {
  std::size_t count = 0;
  for_each([&](StreamOrdinal) { ++count; });
  return count;
}

std::size_t StreamBitmap::size_bytes() const {
  std::size_t bytes = containers_.size() * sizeof(Container);
  for (const Container& c : containers_) bytes += c.items.size() * 2 + c.words.size() * 8;
  return bytes;
}

void StreamBitmap::encode(encoding::ByteWriter& out) const {
  out.varint(containers_.size());
  for (const Container& c : containers_) {
    out.varint(c.key);
    out.u8(static_cast<std::uint8_t>(c.kind));
    switch (c.kind) {
      case Kind::kArray: {
        out.varint(c.items.size());
        std::uint32_t next = 0;
        for (const std::uint16_t item : c.items) {
          out.varint(item - next);
          next = item + 1U;
        }
        break;
      }
      case Kind::kBitmap: {
        out.varint(0);
        for (const std::uint64_t word : c.words) out.u64(word);
        break;
      }
      case Kind::kRuns: {
        out.varint(c.items.size() / 2);
        std::uint32_t next = 0;
        for (std::size_t run = 0; run + 1 < c.items.size(); run += 2) {
          out.varint(c.items[run] - next);
          out.varint(static_cast<std::uint64_t>(c.items[run + 1] - c.items[run]));
          next = c.items[run + 1] + 1U;
        }
        break;
      }
    }
  }
}

bool StreamBitmap::decode_items(encoding::ByteReader& in, std::size_t count, Container& container) {
  std::uint64_t next = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t first = next + in.varint();
    const std::uint64_t last = container.kind == Kind::kRuns ? first + in.varint() : first;
    if (!in.ok() || first < next || last < first || last > 0xFFFFU) return false;
    container.items.push_back(static_cast<std::uint16_t>(first));
    if (container.kind == Kind::kRuns) container.items.push_back(static_cast<std::uint16_t>(last));
    next = last + 1;
  }
  return true;
}

Result<StreamBitmap> StreamBitmap::decode(encoding::ByteReader& in, std::size_t num_streams) {
  StreamBitmap out;
  const std::size_t num_containers = in.count(3);
  for (std::size_t i = 0; i < num_containers; ++i) {
    Container c;
    const std::uint64_t key = in.varint();
    const std::uint8_t kind = in.u8();
    const std::size_t count = in.count();
    if (!in.ok() || key > 0xFFFFU ||
        (!out.containers_.empty() && key <= out.containers_.back().key))
      return corrupt();
    c.key = static_cast<std::uint32_t>(key);
    c.kind = static_cast<Kind>(kind);
    if (c.kind == Kind::kBitmap) {
      c.words.resize(kContainerWords);
      for (std::uint64_t& word : c.words) word = in.u64();
    } else if ((c.kind != Kind::kArray && c.kind != Kind::kRuns) || !decode_items(in, count, c)) {
      return corrupt();
    }
    if (!in.ok()) return corrupt();
    out.containers_.push_back(std::move(c));
  }
  bool in_range = true;
  out.for_each([&](StreamOrdinal ordinal) { in_range = in_range && ordinal < num_streams; });
  if (!in_range) return corrupt();
  return out;
}

}  // namespace livedata::storage
