#include "query/sql/arrow_message.h"

#include <charconv>
#include <cstring>
#include <string_view>
#include <vector>

#include <duckdb/common/arrow/arrow.hpp>
#include <duckdb/common/exception.hpp>

#include "query/sql/flat_builder.h"

namespace livedata::query::sql {
namespace {

using Place = FlatBuilder::Place;

// Numbers of Schema.fbs and Message.fbs.
enum class ArrowType : std::uint8_t {
  kNull = 1,
  kInt = 2,
  kFloat = 3,
  kBinary = 4,
  kUtf8 = 5,
  kBool = 6,
  kDecimal = 7,
  kDate = 8,
  kTime = 9,
  kTimestamp = 10,
  kInterval = 11,
  kList = 12,
  kStruct = 13,
  kFixedBinary = 15,
  kFixedList = 16,
  kMap = 17,
};
constexpr std::int16_t kMetadataVersion = 4;  // V5
constexpr std::uint8_t kSchemaHeader = 1;
constexpr std::uint8_t kBatchHeader = 3;
constexpr std::size_t kAlignment = 8;

/// A type of the C data interface's format string, with what its buffers need.
struct TypeInfo {
  ArrowType type = ArrowType::kNull;
  std::size_t width = 0;                ///< bytes of a value; 0: none, or a variable number
  bool has_offsets = false;             ///< 32 bits each
  std::int32_t numbers[3] = {0, 0, 0};  ///< what the type's table holds
  std::string_view zone = {};
};

[[noreturn]] void refuse(std::string_view format) {
  throw duckdb::NotImplementedException("a column of Arrow's type '%s' is not written; cast it",
                                        std::string(format));
}

std::int32_t number_of(std::string_view text) {
  std::int32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::int32_t unit_of(char c) { return c == 's' ? 0 : c == 'm' ? 1 : c == 'u' ? 2 : 3; }

TypeInfo integer(std::int32_t bits, bool is_signed) {
  return {ArrowType::kInt, static_cast<std::size_t>(bits) / 8, false, {bits, is_signed ? 1 : 0, 0}};
}

TypeInfo temporal(std::string_view format) {
  const std::string_view kind = format.substr(0, 2);
  if (kind == "td") {
    const bool days = format == "tdD";
    return {ArrowType::kDate, days ? 4U : 8U, false, {days ? 0 : 1, 0, 0}};
  }
  if (kind == "tt") {
    const std::int32_t unit = unit_of(format[2]);
    return {ArrowType::kTime, unit < 2 ? 4U : 8U, false, {unit, unit < 2 ? 32 : 64, 0}};
  }
  if (kind == "ts")
    return {ArrowType::kTimestamp, 8, false, {unit_of(format[2]), 0, 0}, format.substr(4)};
  if (format == "tin") return {ArrowType::kInterval, 16, false, {2, 0, 0}};
  refuse(format);
}

TypeInfo decimal(std::string_view format) {
  const std::string_view rest = format.substr(2);
  const std::size_t comma = rest.find(',');
  const std::string_view scale = rest.substr(comma + 1);
  const std::size_t second = scale.find(',');
  const std::int32_t bits = second == scale.npos ? 128 : number_of(scale.substr(second + 1));
  return {ArrowType::kDecimal,
          static_cast<std::size_t>(bits) / 8,
          false,
          {number_of(rest), number_of(scale), bits}};
}

TypeInfo type_of(const ArrowSchema& schema) {
  const std::string_view format(schema.format);
  if (schema.dictionary != nullptr || format.empty()) refuse("dictionary");
  if (format.starts_with("d:")) return decimal(format);
  if (format.starts_with("t") && format.size() > 2) return temporal(format);
  if (format.starts_with("w:")) {
    const std::int32_t width = number_of(format.substr(2));
    return {ArrowType::kFixedBinary, static_cast<std::size_t>(width), false, {width, 0, 0}};
  }
  if (format.starts_with("+w:"))
    return {ArrowType::kFixedList, 0, false, {number_of(format.substr(3)), 0, 0}};
  if (format == "+l") return {ArrowType::kList, 0, true};
  if (format == "+m") return {ArrowType::kMap, 0, true};
  if (format == "+s") return {ArrowType::kStruct};
  if (format == "n") return {ArrowType::kNull};
  if (format == "b") return {ArrowType::kBool};
  if (format == "u") return {ArrowType::kUtf8, 0, true};
  if (format == "z") return {ArrowType::kBinary, 0, true};
  if (format == "f") return {ArrowType::kFloat, 4, false, {1, 0, 0}};
  if (format == "g") return {ArrowType::kFloat, 8, false, {2, 0, 0}};
  constexpr std::string_view kIntegers = "cCsSiIlL";  // of 8, 16, 32 and 64 bits
  const std::size_t place = kIntegers.find(format);
  if (format.size() != 1 || place == kIntegers.npos) refuse(format);
  return integer(8 << (place / 2), place % 2 == 0);
}

Place build_type(const TypeInfo& info, FlatBuilder& builder) {
  const Place zone = info.zone.empty() ? 0 : builder.string(info.zone);
  const auto& numbers = info.numbers;
  builder.begin_table();
  switch (info.type) {
    case ArrowType::kInt:
      builder.add<std::int32_t>(0, numbers[0]);
      builder.add<std::uint8_t>(1, static_cast<std::uint8_t>(numbers[1]));
      break;
    case ArrowType::kFloat:
    case ArrowType::kDate:
    case ArrowType::kInterval:
    case ArrowType::kTimestamp:
      builder.add<std::int16_t>(0, static_cast<std::int16_t>(numbers[0]));
      if (zone != 0) builder.add_place(1, zone);
      break;
    case ArrowType::kTime:
      builder.add<std::int16_t>(0, static_cast<std::int16_t>(numbers[0]));
      builder.add<std::int32_t>(1, numbers[1]);
      break;
    case ArrowType::kDecimal:
      for (std::uint16_t i = 0; i < 3; ++i) builder.add<std::int32_t>(i, numbers[i]);
      break;
    case ArrowType::kFixedBinary:
    case ArrowType::kFixedList:
      builder.add<std::int32_t>(0, numbers[0]);
      break;
    default:
      break;
  }
  return builder.end_table();
}

Place build_field(const ArrowSchema& schema, FlatBuilder& builder) {
  const TypeInfo info = type_of(schema);
  std::vector<Place> children;
  for (std::int64_t i = 0; i < schema.n_children; ++i)
    children.push_back(build_field(*schema.children[i], builder));
  const Place child_vector = builder.vector(children);
  const Place name = builder.string(schema.name == nullptr ? "" : schema.name);
  const Place type = build_type(info, builder);
  builder.begin_table();
  builder.add_place(0, name);
  builder.add_place(3, type);
  builder.add_place(5, child_vector);
  builder.add<std::uint8_t>(1, (schema.flags & ARROW_FLAG_NULLABLE) != 0 ? 1 : 0);
  builder.add<std::uint8_t>(2, static_cast<std::uint8_t>(info.type));
  return builder.end_table();
}

void append_u32(std::uint32_t value, std::string& out) {
  for (unsigned i = 0; i < 4; ++i) out += static_cast<char>(value >> (8 * i) & 0xFFU);
}

/// Continuation, size, the message, and then its body.
void append_message(FlatBuilder& builder, std::uint8_t header_type, Place header,
                    std::string_view body, std::string& out) {
  builder.begin_table();
  builder.add<std::int64_t>(3, static_cast<std::int64_t>(body.size()));
  builder.add_place(2, header);
  builder.add<std::int16_t>(0, kMetadataVersion);
  builder.add<std::uint8_t>(1, header_type);
  const std::string message = builder.finish(builder.end_table());
  append_u32(UINT32_MAX, out);
  append_u32(static_cast<std::uint32_t>(message.size()), out);
  out += message;
  out += body;
}

/// The columns' buffers one behind the other, with where each is.
class Body {
 public:
  void add_column(const ArrowSchema& schema, const ArrowArray& array) {
    const TypeInfo info = type_of(schema);
    if (array.offset != 0) throw duckdb::NotImplementedException("an Arrow array with an offset");
    const auto length = static_cast<std::size_t>(array.length);
    const std::int64_t nulls = info.type == ArrowType::kNull ? array.length : count_nulls(array);
    nodes_.emplace_back(array.length, nulls);
    if (info.type != ArrowType::kNull) add_buffers(info, array, length, nulls);
    for (std::int64_t i = 0; i < array.n_children; ++i)
      add_column(*schema.children[i], *array.children[i]);
  }
  [[nodiscard]] const auto& nodes() const { return nodes_; }
  [[nodiscard]] const auto& buffers() const { return buffers_; }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  static std::int64_t count_nulls(const ArrowArray& array) {
    if (array.null_count >= 0) return array.null_count;
    if (array.n_buffers == 0 || array.buffers[0] == nullptr) return 0;
    const auto* bits = static_cast<const std::uint8_t*>(array.buffers[0]);
    std::int64_t nulls = 0;
    for (std::int64_t i = 0; i < array.length; ++i)
      nulls += (bits[i / 8] >> static_cast<unsigned>(i % 8) & 1U) == 0 ? 1 : 0;
    return nulls;
  }

  void add_buffers(const TypeInfo& info, const ArrowArray& array, std::size_t length,
                   std::int64_t nulls) {
    add_buffer(array, 0, nulls == 0 ? 0 : (length + 7) / 8);
    if (info.has_offsets) {
      add_buffer(array, 1, (length + 1) * sizeof(std::int32_t));
      const bool has_text = info.type == ArrowType::kUtf8 || info.type == ArrowType::kBinary;
      if (!has_text) return;
      const auto* ends = static_cast<const std::int32_t*>(array.buffers[1]);
      add_buffer(array, 2, ends == nullptr ? 0 : static_cast<std::size_t>(ends[length]));
    } else if (info.type == ArrowType::kBool) {
      add_buffer(array, 1, (length + 7) / 8);
    } else if (info.width > 0) {
      add_buffer(array, 1, length * info.width);
    }
  }

  void add_buffer(const ArrowArray& array, std::int64_t i, std::size_t size) {
    const void* data = i < array.n_buffers ? array.buffers[i] : nullptr;
    buffers_.emplace_back(static_cast<std::int64_t>(bytes_.size()),
                          static_cast<std::int64_t>(size));
    if (data != nullptr) {
      bytes_.append(static_cast<const char*>(data), size);
    } else {
      bytes_.append(size, '\0');
    }
    bytes_.append((kAlignment - bytes_.size() % kAlignment) % kAlignment, '\0');
  }

  std::vector<std::pair<std::int64_t, std::int64_t>> nodes_;
  std::vector<std::pair<std::int64_t, std::int64_t>> buffers_;
  std::string bytes_;
};

}  // namespace

void append_arrow_schema(const ArrowSchema& schema, std::string& out) {
  FlatBuilder builder;
  std::vector<Place> fields;
  for (std::int64_t i = 0; i < schema.n_children; ++i)
    fields.push_back(build_field(*schema.children[i], builder));
  const Place field_vector = builder.vector(fields);
  builder.begin_table();
  builder.add_place(1, field_vector);
  builder.add<std::int16_t>(0, 0);  // little endian
  append_message(builder, kSchemaHeader, builder.end_table(), "", out);
}

void append_arrow_batch(const ArrowSchema& schema, const ArrowArray& batch, std::string& out) {
  Body body;
  for (std::int64_t i = 0; i < batch.n_children; ++i)
    body.add_column(*schema.children[i], *batch.children[i]);
  FlatBuilder builder;
  const Place buffers = builder.pairs(body.buffers());
  const Place nodes = builder.pairs(body.nodes());
  builder.begin_table();
  builder.add<std::int64_t>(0, batch.length);
  builder.add_place(1, nodes);
  builder.add_place(2, buffers);
  append_message(builder, kBatchHeader, builder.end_table(), body.bytes(), out);
}

void append_arrow_end(std::string& out) {
  append_u32(UINT32_MAX, out);
  append_u32(0, out);
}

}  // namespace livedata::query::sql
