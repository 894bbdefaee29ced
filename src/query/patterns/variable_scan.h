#pragma once

#include <cstddef>
#include <string_view>

namespace livedata::query::patterns {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_alnum(char c) { return is_digit(c) || is_letter(c); }

/// Where the value that starts at `at` ends, if its look alone says that it varies: numbers, dates
/// and times, durations, IP and MAC addresses, UUIDs, long hexadecimal ids. `at` if it is none of
/// them. A unit after a number is not part of it ("12ms" ends before "ms").
///
/// `at` is the first of a run of letters and digits. A run that starts with a digit always counts.
std::size_t variable_end(std::string_view text, std::size_t at);

}  // namespace livedata::query::patterns
