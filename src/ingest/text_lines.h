#pragma once

#include <algorithm>
#include <string_view>

namespace livedata::ingest {

/// Calls visit(line) for each line of a text, without its "\n" or "\r\n". Empty lines count, the
/// nothing behind the last newline does not.
template <class Visit>
void for_each_line(std::string_view text, const Visit& visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    visit(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

inline bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace livedata::ingest
