#include "collect/files/rotated_name.h"

#include <algorithm>

#include "collect/files/decompressor.h"

namespace livedata::collect {
namespace {

constexpr std::string_view kSeparators = ".-_";

bool is_separator(char c) { return kSeparators.find(c) != std::string_view::npos; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A number or a date and time, with separators inside.
bool is_number_or_date(std::string_view text) {
  if (text.empty() || !is_digit(text.front()) || !(is_digit(text.back()) || text.back() == 'Z'))
    return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || is_separator(c) || c == ':' || c == 'T' || c == 'Z';
  });
}

bool is_rotation(std::string_view text) {
  return text == "old" || text == "bak" || text == "prev" || is_number_or_date(text);
}

/// The size of the name without the longest rotation at its end; its own size if there is none.
std::size_t without_last_rotation(std::string_view name) {
  std::size_t size = name.size();
  for (std::size_t i = name.size(); i-- > 1;) {
    if (is_separator(name[i]) && is_rotation(name.substr(i + 1))) size = i;
  }
  return size;
}

/// The same without all of them, as in app.log.1.old.
std::size_t without_rotation(std::string_view name) {
  for (;;) {
    const std::size_t size = without_last_rotation(name);
    if (size == name.size()) return size;
    name = name.substr(0, size);
  }
}

}  // namespace

std::string unrotated_name(std::string_view name) {
  const std::string_view plain = without_compression_suffix(name);
  const std::size_t size = without_rotation(plain);
  if (size < plain.size()) return std::string(plain.substr(0, size));
  // The rotation stands before the suffix.
  const std::size_t dot = plain.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return std::string(plain);
  const std::size_t stem = without_rotation(plain.substr(0, dot));
  if (stem == dot) return std::string(plain);
  std::string base(plain.substr(0, stem));
  base += plain.substr(dot);
  return base;
}

}  // namespace livedata::collect
