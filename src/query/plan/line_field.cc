#include "query/plan/line_field.h"

#include "query/plan/json_scanner.h"

namespace livedata::query::plan {
namespace {

using Kind = JsonScanner::Kind;

constexpr int kMaxDepth = 50;

/// What of `path` is left inside of a member with this name; nothing if the path is not there.
std::optional<std::string_view> rest_of(std::string_view path, std::string_view name) {
  if (path.size() > name.size() + 1 && path.starts_with(name) && path[name.size()] == '.')
    return path.substr(name.size() + 1);
  return std::nullopt;
}

/// Reads the object that begins here up to the member.
std::optional<std::string_view> find_member(JsonScanner& scanner, std::string_view path,
                                            TextArena& arena, int depth) {
  if (depth > kMaxDepth || !scanner.enter('{')) return std::nullopt;
  JsonScanner::Value key;
  JsonScanner::Value value;
  while (scanner.next_key(key)) {
    const std::string_view name = key.has_escapes ? unescaped(key, arena) : key.raw;
    Kind kind = Kind::kNull;
    if (!scanner.peek(kind)) return std::nullopt;
    const auto rest = kind == Kind::kObject ? rest_of(path, name) : std::nullopt;
    if (name != path && rest) {
      if (const auto found = find_member(scanner, *rest, arena, depth + 1)) return found;
      if (!scanner.error().empty()) return std::nullopt;
      continue;
    }
    if (!scanner.read(value)) return std::nullopt;
    if (name != path) continue;
    if (value.kind == Kind::kNull) return std::nullopt;
    return value.kind == Kind::kString && value.has_escapes ? unescaped(value, arena) : value.raw;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> find_line_field(std::string_view line, std::string_view name,
                                                TextArena& arena) {
  const std::size_t start = line.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || name.empty()) return std::nullopt;
  if (line[start] == '{') {
    JsonScanner scanner(line.substr(start));
    return find_member(scanner, name, arena, 0);
  }
  auto value = find_logfmt_value(line, name, arena);
  if (value && !value->empty() && (value->back() == ',' || value->back() == ';'))
    value->remove_suffix(1);
  return value;
}

}  // namespace livedata::query::plan
