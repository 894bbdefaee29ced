#include "encoding/string_encoding.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "encoding/integer_column.h"
#include "encoding/lz4_block.h"
#include "encoding/zstd.h"

namespace livedata::encoding {
namespace {

enum : std::uint8_t {
  kConstant = 1,
  kDictionary = 2,
  kZstd = 3,
  kRaw = 4,
  kLz4 = 5,
  kSeparatedZstd = 6
};

constexpr std::size_t kMaxDictionary = 255;
constexpr std::size_t kMinRepeats = 4;
constexpr std::size_t kMinCompressed = 64;

class ValueView {
 public:
  ValueView(std::string_view bytes, std::span<const std::uint32_t> ends)
      : bytes_(bytes), ends_(ends) {}
  std::string_view operator[](std::size_t i) const {
    const std::uint32_t begin = i == 0 ? 0 : ends_[i - 1];
    return bytes_.substr(begin, ends_[i] - begin);
  }

 private:
  std::string_view bytes_;
  std::span<const std::uint32_t> ends_;
};

struct Dictionary {
  std::vector<std::string_view> entries;
  std::vector<std::int64_t> indexes;
};

/// Empty when the column has too many different values.
Dictionary build_dictionary(const ValueView& values, std::size_t count) {
  Dictionary dictionary;
  const std::size_t most = std::min(kMaxDictionary, count / kMinRepeats);
  std::unordered_map<std::string_view, std::int64_t> index_of;
  dictionary.indexes.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto [slot, is_new] =
        index_of.try_emplace(values[i], static_cast<std::int64_t>(index_of.size()));
    if (is_new) {
      if (index_of.size() > most) return {};
      dictionary.entries.push_back(values[i]);
    }
    dictionary.indexes.push_back(slot->second);
  }
  return dictionary;
}

void encode_lengths(std::span<const std::uint32_t> ends, ByteWriter& out) {
  std::vector<std::int64_t> lengths(ends.size());
  std::uint32_t begin = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    lengths[i] = ends[i] - begin;
    begin = ends[i];
  }
  encode_integers(lengths, out);
}

tl::unexpected<Error> corrupt() { return fail(ErrorCode::kCorrupt, "damaged string column"); }

/// Turns lengths into end offsets; false when they are negative or sum up to more than max_bytes.
bool lengths_to_ends(const std::vector<std::int64_t>& lengths, std::size_t max_bytes,
                     std::vector<std::uint32_t>& ends) {
  std::uint64_t end = 0;
  ends.reserve(lengths.size());
  for (const std::int64_t length : lengths) {
    if (length < 0 || static_cast<std::uint64_t>(length) > max_bytes - end) return false;
    end += static_cast<std::uint64_t>(length);
    ends.push_back(static_cast<std::uint32_t>(end));
  }
  return true;
}

Result<Strings> decode_constant(ByteReader& in, std::size_t count, std::size_t max_bytes) {
  const std::string_view value = in.string();
  if (!in.ok() || (!value.empty() && count > max_bytes / value.size())) return corrupt();
  Strings out;
  out.bytes.reserve(count * value.size());
  out.ends.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    out.bytes.append(value);
    out.ends.push_back(static_cast<std::uint32_t>(out.bytes.size()));
  }
  return out;
}

Result<Strings> decode_dictionary(ByteReader& in, std::size_t count, std::size_t max_bytes) {
  std::vector<std::string_view> entries(in.count());
  for (std::string_view& entry : entries) entry = in.string();
  if (!in.ok()) return corrupt();
  const std::vector<std::int64_t> indexes = decode_integers(in, count);
  if (!in.ok()) return corrupt();
  Strings out;
  out.ends.reserve(count);
  for (const std::int64_t index : indexes) {
    if (index < 0 || static_cast<std::size_t>(index) >= entries.size()) return corrupt();
    const std::string_view entry = entries[static_cast<std::size_t>(index)];
    if (entry.size() > max_bytes - out.bytes.size()) return corrupt();
    out.bytes.append(entry);
    out.ends.push_back(static_cast<std::uint32_t>(out.bytes.size()));
  }
  return out;
}

Result<Strings> decode_lengths_and_bytes(ByteReader& in, std::size_t count, std::size_t max_bytes,
                                         std::uint8_t encoding) {
  const std::vector<std::int64_t> lengths = decode_integers(in, count);
  Strings out;
  if (!in.ok() || !lengths_to_ends(lengths, max_bytes, out.ends)) return corrupt();
  const std::size_t size = out.ends.empty() ? 0 : out.ends.back();
  if (encoding != kRaw) {
    const std::uint64_t raw_size = in.varint();
    const std::string_view packed = in.string();
    if (!in.ok() || raw_size != size) return corrupt();
    LIVEDATA_TRY(out.bytes,
                 encoding == kZstd ? zstd_decompress(packed, size) : lz4_decompress(packed, size));
  } else {
    out.bytes = in.string();
    if (!in.ok() || out.bytes.size() != size) return corrupt();
  }
  return out;
}

/// A byte that none of the values has, to stand between them.
std::optional<char> find_separator(std::string_view bytes) {
  for (const char candidate : {'\n', '\0', '\x01', '\x1e', '\xff'}) {
    if (bytes.find(candidate) == std::string_view::npos) return candidate;
  }
  return std::nullopt;
}

std::string separated(const ValueView& values, std::size_t count, std::size_t num_bytes,
                      char separator) {
  std::string out;
  out.reserve(num_bytes + count);
  for (std::size_t i = 0; i < count; ++i) {
    out += values[i];
    out += separator;
  }
  return out;
}

Result<Strings> decode_separated(ByteReader& in, std::size_t count, std::size_t max_bytes) {
  const auto separator = static_cast<char>(in.u8());
  const std::uint64_t raw_size = in.varint();
  const std::string_view frame = in.string();
  if (!in.ok() || raw_size > max_bytes || raw_size < count) return corrupt();
  LIVEDATA_TRY(const std::string raw, zstd_decompress(frame, static_cast<std::size_t>(raw_size)));
  Strings out;
  out.bytes.reserve(raw.size() - count);
  out.ends.reserve(count);
  std::string_view rest = raw;
  while (!rest.empty() && out.ends.size() < count) {
    const std::size_t end = rest.find(separator);
    if (end == std::string_view::npos) return corrupt();
    out.bytes.append(rest.substr(0, end));
    out.ends.push_back(static_cast<std::uint32_t>(out.bytes.size()));
    rest.remove_prefix(end + 1);
  }
  if (out.ends.size() != count || !rest.empty()) return corrupt();
  return out;
}

/// Values with separators between them: shorter than with a column of lengths, since separators
/// repeat in patterns. False when there is no separator, or it does not pay.
bool encode_separated(const ValueView& values, std::size_t count, std::string_view bytes,
                      int zstd_level, ByteWriter& out) {
  const auto separator = find_separator(bytes);
  if (!separator || bytes.size() < kMinCompressed) return false;
  const std::string raw = separated(values, count, bytes.size(), *separator);
  const std::string frame = zstd_compress(raw, zstd_level);
  if (frame.size() + bytes.size() / 8 >= bytes.size()) return false;
  out.u8(kSeparatedZstd);
  out.u8(static_cast<std::uint8_t>(*separator));
  out.varint(raw.size());
  out.string(frame);
  return true;
}

/// Empty for codec `none` and for what is too short to gain.
std::string compressed(std::string_view bytes, TextCodec codec) {
  if (bytes.size() < kMinCompressed) return {};
  switch (codec.kind) {
    case TextCodec::Kind::kRaw:
      return {};
    case TextCodec::Kind::kLz4:
      return lz4_compress(bytes);
    case TextCodec::Kind::kZstd:
      return zstd_compress(bytes, codec.level);
  }
  return {};
}

}  // namespace

void encode_strings(std::string_view bytes, std::span<const std::uint32_t> ends, TextCodec codec,
                    ByteWriter& out) {
  const ValueView values(bytes, ends);
  const Dictionary dictionary = build_dictionary(values, ends.size());
  const bool all_equal = ends.empty() || dictionary.entries.size() == 1 || (bytes.empty());
  if (all_equal) {
    out.u8(kConstant);
    out.string(ends.empty() ? std::string_view() : values[0]);
    return;
  }
  if (!dictionary.entries.empty()) {
    out.u8(kDictionary);
    out.varint(dictionary.entries.size());
    for (const std::string_view entry : dictionary.entries) out.string(entry);
    encode_integers(dictionary.indexes, out);
    return;
  }
  if (codec.kind == TextCodec::Kind::kZstd &&
      encode_separated(values, ends.size(), bytes, codec.level, out)) {
    return;
  }
  const std::string packed = compressed(bytes, codec);
  const bool worth_it = !packed.empty() && packed.size() + bytes.size() / 8 < bytes.size();
  if (!worth_it) {
    out.u8(kRaw);
  } else {
    out.u8(codec.kind == TextCodec::Kind::kZstd ? kZstd : kLz4);
  }
  encode_lengths(ends, out);
  if (worth_it) out.varint(bytes.size());
  out.string(worth_it ? std::string_view(packed) : bytes);
}

Result<Strings> decode_strings(ByteReader& in, std::size_t count, std::size_t max_bytes) {
  switch (const std::uint8_t encoding = in.u8()) {
    case kConstant:
      return decode_constant(in, count, max_bytes);
    case kDictionary:
      return decode_dictionary(in, count, max_bytes);
    case kZstd:
    case kRaw:
    case kLz4:
      return decode_lengths_and_bytes(in, count, max_bytes, encoding);
    case kSeparatedZstd:
      return decode_separated(in, count, max_bytes);
    default:
      return fail(ErrorCode::kUnsupported,
                  "string encoding {} is unknown; it needs a newer livedata", encoding);
  }
}

std::string_view string_encoding_name(std::uint8_t encoding) {
  switch (encoding) {
    case kConstant:
      return "constant";
    case kDictionary:
      return "dictionary";
    case kZstd:
      return "zstd";
    case kRaw:
      return "raw";
    case kLz4:
      return "lz4";
    case kSeparatedZstd:
      return "separated zstd";
    default:
      return "unknown";
  }
}

}  // namespace livedata::encoding
