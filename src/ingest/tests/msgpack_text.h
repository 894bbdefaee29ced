#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "ingest/fluent/msgpack.h"

namespace livedata::ingest::fluent::testing_values {

/// MessagePack for tests, made by hand rather than with what is tested.
inline std::string big_endian(std::uint64_t value, unsigned bytes) {
  std::string out;
  while (bytes-- > 0) out += static_cast<char>((value >> (8 * bytes)) & 0xffU);
  return out;
}
inline std::string str(const std::string& text) {
  if (text.size() < 32) return static_cast<char>(0xa0U | text.size()) + text;
  return "\xdb" + big_endian(text.size(), 4) + text;
}
inline std::string bin(const std::string& bytes) {
  return "\xc6" + big_endian(bytes.size(), 4) + bytes;
}
inline std::string num(std::uint64_t value) { return "\xcf" + big_endian(value, 8); }
inline std::string nil() { return "\xc0"; }
inline std::string event_time(std::uint64_t seconds, std::uint64_t nanoseconds) {
  return std::string("\xd7\0", 2) + big_endian(seconds, 4) + big_endian(nanoseconds, 4);
}
inline std::string array(const std::vector<std::string>& values) {
  std::string out = "\xdc" + big_endian(values.size(), 2);
  for (const std::string& value : values) out += value;
  return out;
}
inline std::string map(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out = "\xde" + big_endian(members.size(), 2);
  for (const auto& [key, value] : members) out += str(key) + value;
  return out;
}

}  // namespace livedata::ingest::fluent::testing_values
