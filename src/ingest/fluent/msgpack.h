#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::ingest::fluent {

/// One value of MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md). The elements
/// of an array, and the keys and values of a map, are the values that follow it.
struct MsgpackValue {
  enum class Type { kNil, kBool, kInt, kUint, kDouble, kString, kBinary, kArray, kMap, kExt };

  Type type = Type::kNil;
  bool boolean = false;
  std::int8_t ext_type = 0;
  std::uint32_t count = 0;    ///< elements of an array, pairs of a map
  std::int64_t integer = 0;   ///< kInt; kUint if it fits
  std::uint64_t natural = 0;  ///< kUint: more than an int64 holds
  double number = 0;
  std::string_view bytes;  ///< kString, kBinary, kExt; in the input

  [[nodiscard]] bool is_text() const { return type == Type::kString || type == Type::kBinary; }
};

/// Values that are nested deeper than this are refused.
constexpr std::size_t kMaxMsgpackDepth = 32;

/// Finds where a value ends, in input that comes in pieces: it goes on where it stopped, so that
/// the work is linear in the input, and takes no memory whatever sizes the input claims.
class MsgpackFramer {
 public:
  /// Size of the value at the start of `input`; nothing if it is not complete yet, then the next
  /// call must be given the same bytes with more behind them. kInvalidArgument: no MessagePack, or
  /// nested too deeply.
  Result<std::optional<std::size_t>> find_end(std::string_view input);

 private:
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::array<std::uint64_t, kMaxMsgpackDepth> left_{};  // values of each open array or map
};

/// Reads values one behind the other. Not thread-safe.
class MsgpackReader {
 public:
  explicit MsgpackReader(std::string_view input) : rest_(input) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  /// What was not read yet.
  [[nodiscard]] std::string_view rest() const { return rest_; }
  /// The next value; of an array or a map only its head. kInvalidArgument: cut off, or none.
  Result<MsgpackValue> next();
  /// Passes over a whole value, with all that is in it, and returns its bytes. What is in it can be
  /// read without meeting an error.
  Result<std::string_view> skip();

 private:
  std::string_view rest_;
};

// Writing, as far as the protocol's answers need it.
void append_msgpack_string(std::string_view text, std::string& out);
void append_msgpack_binary(std::string_view bytes, std::string& out);
/// Precondition: count < 16.
void append_msgpack_array(std::size_t count, std::string& out);
/// Precondition: count < 16.
void append_msgpack_map(std::size_t count, std::string& out);
void append_msgpack_bool(bool value, std::string& out);

}  // namespace livedata::ingest::fluent
