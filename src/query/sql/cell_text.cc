#include "query/sql/cell_text.h"

#include <cmath>

#include <fmt/format.h>

#include "base/time_format.h"

namespace livedata::query::sql {
namespace {

using duckdb::LogicalTypeId;

bool is_plain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; }

void append_number(double value, bool quoted, std::string& out) {
  if (std::isfinite(value)) {
    fmt::format_to(std::back_inserter(out), "{}", value);
    return;
  }
  const std::string_view text = std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  if (quoted) out += '"';
  out += text;
  if (quoted) out += '"';
}

/// A time in nanoseconds; infinities as DuckDB has them.
void append_time(std::int64_t count, std::int64_t unit, bool quoted, std::string& out) {
  constexpr std::int64_t kInfinity = std::numeric_limits<std::int64_t>::max();
  if (quoted) out += '"';
  std::int64_t ns = 0;
  if (count == kInfinity || count == -kInfinity) {
    out += count > 0 ? "infinity" : "-infinity";
  } else if (__builtin_mul_overflow(count, unit, &ns)) {
    out += duckdb::Value::TIMESTAMP(duckdb::timestamp_t(count * (unit / 1000))).ToString();
  } else {
    out += format_rfc3339(ns);
  }
  if (quoted) out += '"';
}

bool is_number(LogicalTypeId type) {
  switch (type) {
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::UTINYINT:
    case LogicalTypeId::USMALLINT:
    case LogicalTypeId::UINTEGER:
    case LogicalTypeId::UBIGINT:
    case LogicalTypeId::HUGEINT:
    case LogicalTypeId::UHUGEINT:
    case LogicalTypeId::DECIMAL:
      return true;
    default:
      return false;
  }
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_plain(text[i])) continue;
    out.append(text, begin, i - begin);
    begin = i + 1;
    switch (text[i]) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(text[i]));
    }
  }
  out.append(text, begin);
  out += '"';
}

CellReader::CellReader(duckdb::Vector& vector, std::size_t count) : vector_(vector) {
  const LogicalTypeId type = vector.GetType().id();
  // Parts of nested values are found by their place in the parts' own vectors.
  if (type == LogicalTypeId::STRUCT || type == LogicalTypeId::ARRAY) vector.Flatten(count);
  vector.ToUnifiedFormat(count, format_);
  switch (type) {
    case LogicalTypeId::STRUCT:
      for (auto& part : duckdb::StructVector::GetEntries(vector)) parts_.emplace_back(*part, count);
      break;
    case LogicalTypeId::LIST:
    case LogicalTypeId::MAP:
      parts_.emplace_back(duckdb::ListVector::GetEntry(vector),
                          duckdb::ListVector::GetListSize(vector));
      break;
    case LogicalTypeId::ARRAY:
      parts_.emplace_back(duckdb::ArrayVector::GetEntry(vector),
                          duckdb::ArrayType::GetSize(vector.GetType()) * count);
      break;
    default:
      break;
  }
}

bool CellReader::is_null(std::size_t row) const { return !format_.validity.RowIsValid(index(row)); }

/// False: the type needs more.
bool CellReader::append_simple(std::size_t row, bool quoted, std::string& out) const {
  switch (vector_.GetType().id()) {
    case LogicalTypeId::VARCHAR: {
      const auto& text =
          duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format_)[index(row)];
      const std::string_view view(text.GetData(), text.GetSize());
      if (quoted) {
        append_json_string(view, out);
      } else {
        out += view;
      }
      return true;
    }
    case LogicalTypeId::BOOLEAN:
      out += get<bool>(row) ? "true" : "false";
      return true;
    case LogicalTypeId::FLOAT:
      append_number(static_cast<double>(get<float>(row)), quoted, out);
      return true;
    case LogicalTypeId::BIGINT:
      fmt::format_to(std::back_inserter(out), "{}", get<std::int64_t>(row));
      return true;
    case LogicalTypeId::INTEGER:
      fmt::format_to(std::back_inserter(out), "{}", get<std::int32_t>(row));
      return true;
    case LogicalTypeId::DOUBLE:
      append_number(get<double>(row), quoted, out);
      return true;
    case LogicalTypeId::TIMESTAMP_NS:
      append_time(get<std::int64_t>(row), 1, quoted, out);
      return true;
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ:
      append_time(get<std::int64_t>(row), 1000, quoted, out);
      return true;
    default:
      return false;
  }
}

void CellReader::append_list(std::size_t begin, std::size_t length, std::string& out) const {
  out += '[';
  for (std::size_t i = begin; i < begin + length; ++i) {
    if (i > begin) out += ',';
    parts_.front().append_json(i, out);
  }
  out += ']';
}

void CellReader::append_struct(std::size_t row, std::string& out) const {
  const auto& types = duckdb::StructType::GetChildTypes(vector_.GetType());
  out += '{';
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(types[i].first, out);
    out += ':';
    parts_[i].append_json(row, out);
  }
  out += '}';
}

/// A map is a list of structs of key and value.
void CellReader::append_map(std::size_t begin, std::size_t length, std::string& out) const {
  const CellReader& entries = parts_.front();
  std::string key;
  out += '{';
  for (std::size_t i = begin; i < begin + length; ++i) {
    if (i > begin) out += ',';
    key.clear();
    entries.parts_[0].append_plain(i, key);
    append_json_string(key, out);
    out += ':';
    entries.parts_[1].append_json(i, out);
  }
  out += '}';
}

/// False: the value has no parts.
bool CellReader::append_nested(std::size_t row, std::string& out) const {
  switch (vector_.GetType().id()) {
    case LogicalTypeId::STRUCT:
      append_struct(row, out);
      return true;
    case LogicalTypeId::LIST:
    case LogicalTypeId::MAP: {
      const auto entry = get<duckdb::list_entry_t>(row);
      const bool is_map = vector_.GetType().id() == LogicalTypeId::MAP;
      is_map ? append_map(entry.offset, entry.length, out)
             : append_list(entry.offset, entry.length, out);
      return true;
    }
    case LogicalTypeId::ARRAY: {
      const auto size = duckdb::ArrayType::GetSize(vector_.GetType());
      append_list(row * size, size, out);
      return true;
    }
    default:
      return false;
  }
}

void CellReader::append_json(std::size_t row, std::string& out) const {
  if (is_null(row)) {
    out += "null";
    return;
  }
  if (append_simple(row, true, out) || append_nested(row, out)) return;
  const std::string text = vector_.GetValue(row).ToString();
  if (is_number(vector_.GetType().id())) {
    out += text;
  } else {
    append_json_string(text, out);
  }
}

void CellReader::append_plain(std::size_t row, std::string& out) const {
  if (append_simple(row, false, out) || append_nested(row, out)) return;
  out += vector_.GetValue(row).ToString();
}

}  // namespace livedata::query::sql
