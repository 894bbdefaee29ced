#include "query/sql/search/json_path.h"

#include <algorithm>

#include <fmt/format.h>

namespace livedata::query::sql::search {

std::string json_path(std::string_view name) {
  std::string path = "$";
  while (!name.empty()) {
    const std::size_t end = std::min(name.find('.'), name.size());
    std::string_view part = name.substr(0, end);
    name.remove_prefix(std::min(end + 1, name.size()));
    const std::size_t brace = std::min(part.find('{'), part.size());
    path += ".\"";
    for (const char c : part.substr(0, brace)) path += c == '"' || c == '\\' ? '_' : c;
    path += '"';
    part.remove_prefix(brace);
    while (part.starts_with("{")) {
      const std::size_t close = std::min(part.find('}'), part.size());
      const std::string_view index = part.substr(1, close - 1);
      const bool is_number = !index.empty() && index.size() < 7 &&
                             index.find_first_not_of("0123456789") == std::string_view::npos;
      path += is_number ? fmt::format("[{}]", index) : "[*]";
      part.remove_prefix(std::min(close + 1, part.size()));
    }
  }
  return path.find("[*]") == std::string::npos ? path + "[*]" : path;
}

}  // namespace livedata::query::sql::search
