#include "ingest/pipeline/field_name.h"

#include <algorithm>

#include "model/labels.h"

namespace livedata::ingest::pipeline {
namespace {

constexpr std::size_t kMaxBytes = 256;

bool is_allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::string_view field_name(std::string_view prefix, std::string_view separator,
                            std::string_view name, TextArena& arena) {
  if (prefix.empty() && name.size() <= kMaxBytes && is_label_name(name)) return name;
  const std::size_t before = prefix.size() + separator.size();
  const std::size_t size = std::min(name.size(), kMaxBytes - std::min(kMaxBytes, before));
  char* const begin = arena.reserve(before + size + 1);
  char* end = begin + prefix.copy(begin, prefix.size());
  if (!prefix.empty()) end += separator.copy(end, separator.size());
  if (end == begin && (size == 0 || (name.front() >= '0' && name.front() <= '9'))) *end++ = '_';
  for (const char c : name.substr(0, size)) *end++ = is_allowed(c) ? c : '_';
  return arena.commit(static_cast<std::size_t>(end - begin));
}

}  // namespace livedata::ingest::pipeline
