#include "ingest/fluent/msgpack.h"

#include <bit>
#include <limits>

namespace livedata::ingest::fluent {
namespace {

using Type = MsgpackValue::Type;

enum class Parse { kDone, kNeedMore, kMalformed };

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}

/// One value at the start of the input. Everything that is read is checked to be there.
class ValueParser {
 public:
  ValueParser(std::string_view input, MsgpackValue& value) : input_(input), value_(value) {}

  Parse parse() {
    if (input_.empty()) return Parse::kNeedMore;
    const auto tag = static_cast<unsigned char>(input_.front());
    at_ = 1;
    if (tag <= 0x7f) return integer(tag);
    if (tag <= 0x8f) return container(Type::kMap, tag & 0x0fU);
    if (tag <= 0x9f) return container(Type::kArray, tag & 0x0fU);
    if (tag <= 0xbf) return text(Type::kString, tag & 0x1fU);
    if (tag >= 0xe0) return integer(static_cast<std::int8_t>(tag));
    if (tag <= 0xc9) return parse_c0(tag);
    if (tag <= 0xd3) return parse_number(tag);
    return parse_d4(tag);
  }
  [[nodiscard]] std::size_t size() const { return at_; }

 private:
  Parse parse_c0(unsigned tag) {
    switch (tag) {
      case 0xc0:
        value_.type = Type::kNil;
        return Parse::kDone;
      case 0xc1:  // never used
        return Parse::kMalformed;
      case 0xc2:
      case 0xc3:
        value_.type = Type::kBool;
        value_.boolean = tag == 0xc3;
        return Parse::kDone;
      default:
        break;
    }
    const bool binary = tag <= 0xc6;
    std::uint64_t size = 0;
    if (!take(std::size_t{1} << (tag - (binary ? 0xc4 : 0xc7)), size)) return Parse::kNeedMore;
    return binary ? text(Type::kBinary, size) : ext(size);
  }

  Parse parse_number(unsigned tag) {
    std::uint64_t bits = 0;
    if (tag == 0xca || tag == 0xcb) {
      if (!take(tag == 0xca ? 4 : 8, bits)) return Parse::kNeedMore;
      value_.type = Type::kDouble;
      value_.number =
          tag == 0xca ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)))
                      : std::bit_cast<double>(bits);
      return Parse::kDone;
    }
    const bool is_signed = tag >= 0xd0;
    const unsigned power = tag - (is_signed ? 0xd0 : 0xcc);
    if (!take(std::size_t{1} << power, bits)) return Parse::kNeedMore;
    if (is_signed) {
      const unsigned unused = 64 - (8U << power);
      return integer(static_cast<std::int64_t>(bits << unused) >> unused);
    }
    if (bits <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return integer(static_cast<std::int64_t>(bits));
    value_.type = Type::kUint;
    value_.natural = bits;
    return Parse::kDone;
  }

  Parse parse_d4(unsigned tag) {
    if (tag <= 0xd8) return ext(std::uint64_t{1} << (tag - 0xd4));
    std::uint64_t size = 0;
    if (tag <= 0xdb) {
      if (!take(std::size_t{1} << (tag - 0xd9), size)) return Parse::kNeedMore;
      return text(Type::kString, size);
    }
    if (!take((tag & 1U) == 0 ? 2 : 4, size)) return Parse::kNeedMore;  // dc, dd, de, df
    return container(tag <= 0xdd ? Type::kArray : Type::kMap, size);
  }

  bool take(std::size_t bytes, std::uint64_t& value) {
    if (input_.size() - at_ < bytes) return false;
    value = big_endian(input_.substr(at_, bytes));
    at_ += bytes;
    return true;
  }

  Parse integer(std::int64_t value) {
    value_.type = Type::kInt;
    value_.integer = value;
    return Parse::kDone;
  }
  Parse container(Type type, std::uint64_t count) {
    value_.type = type;
    value_.count = static_cast<std::uint32_t>(count);
    return Parse::kDone;
  }
  Parse text(Type type, std::uint64_t size) {
    if (input_.size() - at_ < size) return Parse::kNeedMore;
    value_.type = type;
    value_.bytes = input_.substr(at_, size);
    at_ += size;
    return Parse::kDone;
  }
  Parse ext(std::uint64_t size) {
    if (input_.size() - at_ < 1) return Parse::kNeedMore;
    value_.ext_type = static_cast<std::int8_t>(input_[at_++]);
    return text(Type::kExt, size);
  }

  std::string_view input_;
  MsgpackValue& value_;
  std::size_t at_ = 0;
};

void append_big_endian(std::size_t value, std::size_t bytes, std::string& out) {
  while (bytes-- > 0) out += static_cast<char>((value >> (8 * bytes)) & 0xffU);
}

}  // namespace

Result<std::optional<std::size_t>> MsgpackFramer::find_end(std::string_view input) {
  for (;;) {
    MsgpackValue value;
    ValueParser parser(input.substr(at_), value);
    const Parse parsed = parser.parse();
    if (parsed == Parse::kNeedMore) return std::nullopt;
    if (parsed == Parse::kMalformed)
      return fail(ErrorCode::kInvalidArgument, "this is not MessagePack: byte 0xc1");
    at_ += parser.size();
    const std::uint64_t inside =
        value.type == Type::kMap ? std::uint64_t{value.count} * 2 : value.count;
    if (inside > 0) {
      if (depth_ == left_.size()) {
        return fail(ErrorCode::kInvalidArgument, "values are nested more than {} deep",
                    kMaxMsgpackDepth);
      }
      left_[depth_++] = inside;
      continue;
    }
    while (depth_ > 0 && --left_[depth_ - 1] == 0) --depth_;
    if (depth_ == 0) return at_;
  }
}

Result<MsgpackValue> MsgpackReader::next() {
  MsgpackValue value;
  ValueParser parser(rest_, value);
  if (parser.parse() != Parse::kDone)
    return fail(ErrorCode::kInvalidArgument, "the MessagePack value is cut off or none");
  rest_.remove_prefix(parser.size());
  return value;
}

Result<std::string_view> MsgpackReader::skip() {
  MsgpackFramer framer;
  LIVEDATA_TRY(const std::optional<std::size_t> size, framer.find_end(rest_));
  if (!size) return fail(ErrorCode::kInvalidArgument, "the MessagePack value is cut off");
  const std::string_view value = rest_.substr(0, *size);
  rest_.remove_prefix(*size);
  return value;
}

void append_msgpack_string(std::string_view text, std::string& out) {
  if (text.size() < 32) {
    out += static_cast<char>(0xa0U | text.size());
  } else if (text.size() <= 0xff) {
    out += '\xd9';
    append_big_endian(text.size(), 1, out);
  } else if (text.size() <= 0xffff) {
    out += '\xda';
    append_big_endian(text.size(), 2, out);
  } else {
    out += '\xdb';
    append_big_endian(text.size(), 4, out);
  }
  out += text;
}

void append_msgpack_binary(std::string_view bytes, std::string& out) {
  if (bytes.size() <= 0xff) {
    out += '\xc4';
    append_big_endian(bytes.size(), 1, out);
  } else if (bytes.size() <= 0xffff) {
    out += '\xc5';
    append_big_endian(bytes.size(), 2, out);
  } else {
    out += '\xc6';
    append_big_endian(bytes.size(), 4, out);
  }
  out += bytes;
}

void append_msgpack_array(std::size_t count, std::string& out) {
  out += static_cast<char>(0x90U | count);
}

void append_msgpack_map(std::size_t count, std::string& out) {
  out += static_cast<char>(0x80U | count);
}

void append_msgpack_bool(bool value, std::string& out) { out += value ? '\xc3' : '\xc2'; }

}  // namespace livedata::ingest::fluent
