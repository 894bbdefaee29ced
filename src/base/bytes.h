#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace livedata {

using Bytes = std::span<const std::byte>;

constexpr std::size_t operator""_KiB(unsigned long long n) {
  return static_cast<std::size_t>(n) << 10U;
}
constexpr std::size_t operator""_MiB(unsigned long long n) {
  return static_cast<std::size_t>(n) << 20U;
}
constexpr std::size_t operator""_GiB(unsigned long long n) {
  return static_cast<std::size_t>(n) << 30U;
}

}  // namespace livedata
