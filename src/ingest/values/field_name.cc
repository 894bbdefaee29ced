#include "ingest/values/field_name.h"

#include <algorithm>

#include "model/labels.h"

namespace livedata::ingest {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}
/// Bytes behind the first one of a character in UTF-8.
constexpr bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

std::string_view kept_field_name(std::string_view name, TextArena& arena, std::size_t max_bytes) {
  const std::size_t most = std::min(name.size() + 1, max_bytes);
  char* const begin = arena.reserve(most);
  char* end = begin;
  const char* const stop = begin + most;
  for (const char c : name) {
    if (is_continuation(c)) continue;
    if (end == begin && is_digit(c)) *end++ = '_';
    if (end == stop) break;
    *end++ = is_allowed(c) ? c : '_';
  }
  if (end == begin) *end++ = '_';
  return arena.commit(static_cast<std::size_t>(end - begin));
}

std::string_view field_name(std::string_view name, TextArena& arena, std::size_t max_bytes) {
  const bool will_do = name.size() <= max_bytes && is_label_name(name);
  return will_do ? name : kept_field_name(name, arena, max_bytes);
}

}  // namespace livedata::ingest
