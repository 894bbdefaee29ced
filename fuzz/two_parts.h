#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

/// A fuzzer's input as its first line and what is behind it.
inline std::pair<std::string_view, std::string_view> two_parts(const std::uint8_t* data,
                                                               std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(input.find('\n'), size);
  return {input.substr(0, end), input.substr(std::min(end + 1, size))};
}
