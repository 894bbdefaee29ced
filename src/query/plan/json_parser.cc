#include <charconv>

#include "query/plan/json_scanner.h"
#include "query/plan/line_parsers.h"

namespace livedata::query::plan {
namespace {

// Deeper members are left out, so that a hostile line can't exhaust the stack.
constexpr int kMaxDepth = 64;
constexpr std::string_view kErrorKind = "JSONParserErr";
constexpr std::string_view kPackedLine = "_entry";

using Kind = JsonScanner::Kind;
using Value = JsonScanner::Value;

std::string_view trimmed(std::string_view name) {
  while (name.starts_with(' ')) name.remove_prefix(1);
  while (name.ends_with(' ')) name.remove_suffix(1);
  return name;
}

std::string_view label_name(const Value& key, TextArena& arena) {
  const std::string_view name = trimmed(unescaped(key, arena));
  return is_label_name(name) ? name : arena.keep(sanitized_label_name(name));
}

/// The part of a label's name that a nested member gives; unlike a whole name it may begin with a
/// digit.
std::string_view name_part(const Value& key, TextArena& arena) {
  const std::string_view name = label_name(key, arena);
  const std::string_view raw = trimmed(key.raw);
  const bool starts_with_digit = !raw.empty() && raw.front() >= '0' && raw.front() <= '9';
  return starts_with_digit ? name.substr(1) : name;
}

std::string_view label_value(const Value& value, TextArena& arena) {
  return value.kind == Kind::kString ? unescaped(value, arena) : value.raw;
}

std::string_view joined(std::string_view prefix, std::string_view name, TextArena& arena) {
  if (prefix.empty()) return name;
  char* out = arena.reserve(prefix.size() + name.size() + 1);
  prefix.copy(out, prefix.size());
  out[prefix.size()] = '_';
  name.copy(out + prefix.size() + 1, name.size());
  return arena.commit(prefix.size() + name.size() + 1);
}

class MemberReader {
 public:
  MemberReader(JsonScanner& scanner, Row& row) : scanner_(scanner), row_(row) {}

  /// Adds the members of the object that was just entered.
  void read_object(std::string_view prefix, int depth) {
    Value key;
    while (scanner_.next_key(key)) {
      const std::string_view name =
          prefix.empty() ? label_name(key, row_.arena())
                         : joined(prefix, name_part(key, row_.arena()), row_.arena());
      Kind kind = Kind::kNull;
      if (!scanner_.peek(kind)) return;
      if (kind == Kind::kObject && depth < kMaxDepth && wants_below(name)) {
        scanner_.enter('{');
        read_object(name, depth + 1);
        if (!scanner_.error().empty()) return;
        continue;
      }
      Value value;
      if (!scanner_.read(value)) return;
      if (kind == Kind::kString || kind == Kind::kNumber || kind == Kind::kBool) add(name, value);
    }
  }

 private:
  [[nodiscard]] bool wants_below(std::string_view prefix) const {
    return row_.wanted() == nullptr || row_.wanted()->contains_below(prefix);
  }
  void add(std::string_view name, const Value& value) {
    if (row_.wanted() != nullptr && !row_.wanted()->contains(name)) return;
    row_.add_parsed(name, label_value(value, row_.arena()));
  }

  JsonScanner& scanner_;
  Row& row_;
};

/// Leaves the scanner before the member's value; false if there is none of the name.
bool go_to_member(JsonScanner& scanner, std::string_view name, TextArena& arena) {
  Value key;
  if (!scanner.enter('{')) return false;
  while (scanner.next_key(key)) {
    if (unescaped(key, arena) == name) return true;
    if (!scanner.read(key)) return false;
  }
  return false;
}

bool go_to_element(JsonScanner& scanner, std::size_t index) {
  Value skipped;
  if (!scanner.enter('[')) return false;
  for (; scanner.next_element(); --index) {
    if (index == 0) return true;
    if (!scanner.read(skipped)) return false;
  }
  return false;
}

}  // namespace

void parse_json(Row& row) {
  JsonScanner scanner(row.line());
  if (!scanner.enter('{')) {
    row.set_error(kErrorKind, "the line is not a JSON object");
    return;
  }
  MemberReader(scanner, row).read_object({}, 0);
  if (!scanner.error().empty()) row.set_error(kErrorKind, scanner.error());
}

void unpack(Row& row) {
  if (row.line().empty()) return;
  JsonScanner scanner(row.line());
  if (!scanner.enter('{')) {
    row.set_error(kErrorKind, "the line is not a JSON object");
    return;
  }
  std::vector<std::pair<std::string_view, std::string_view>> labels;
  std::optional<std::string_view> line;
  Value key;
  Value value;
  while (scanner.next_key(key) && scanner.read(value)) {
    if (value.kind != Kind::kString) continue;
    const std::string_view text = unescaped(value, row.arena());
    if (key.raw == kPackedLine) {
      line = text;
    } else {
      labels.emplace_back(label_name(key, row.arena()), text);
    }
  }
  if (!scanner.error().empty()) {
    row.set_error(kErrorKind, scanner.error());
    return;
  }
  if (!line) return;
  for (const auto& [name, text] : labels) row.add_parsed(name, text);
  row.set_line(*line);
}

Result<std::vector<JsonExpressions::Step>> JsonExpressions::parse_path(std::string_view path) {
  const std::string_view whole = path;
  const auto wrong = [&](std::string_view what) {
    return fail(ErrorCode::kInvalidArgument, "the JSON path '{}' is wrong: {}", whole, what);
  };
  std::vector<Step> steps;
  while (!path.empty()) {
    if (path.front() == '[') {
      if (path.starts_with("[\"")) {
        const std::size_t end = path.find("\"]", 2);
        if (end == std::string_view::npos) return wrong("a name in [\"...\"] has no end");
        steps.emplace_back(std::string(path.substr(2, end - 2)));
        path.remove_prefix(end + 2);
        continue;
      }
      std::size_t index = 0;
      const auto [end, error] = std::from_chars(path.data() + 1, path.data() + path.size(), index);
      if (error != std::errc() || end == path.data() + path.size() || *end != ']')
        return wrong("an index such as [0] or a name such as [\"a\"] is expected");
      steps.emplace_back(index);
      path.remove_prefix(static_cast<std::size_t>(end - path.data()) + 1);
      continue;
    }
    if (path.front() == '.') {
      if (steps.empty()) return wrong("it begins with a dot");
      path.remove_prefix(1);
    } else if (!steps.empty()) {
      return wrong("a dot or bracket is missing");
    }
    const std::string_view name = path.substr(0, path.find_first_of(".["));
    if (name.empty()) return wrong("a name is missing");
    if (name.find_first_of(" \"]") != std::string_view::npos)
      return wrong("names with such characters are written [\"name\"]");
    steps.emplace_back(std::string(name));
    path.remove_prefix(name.size());
  }
  if (steps.empty()) return wrong("it is empty");
  return steps;
}

Result<JsonExpressions> JsonExpressions::make(
    const std::vector<std::pair<std::string, std::string>>& names_and_paths) {
  JsonExpressions out;
  for (const auto& [name, path] : names_and_paths) {
    LIVEDATA_TRY(std::vector<Step> steps, parse_path(path));
    out.expressions_.push_back({name, std::move(steps)});
  }
  return out;
}

void JsonExpressions::parse(Row& row) const {
  const std::string_view line = row.line();
  if (line.empty()) return;
  if (line.front() != '{' && line.front() != '[') {
    row.set_error(kErrorKind, "the line is no JSON object or array");
    return;
  }
  const auto go_to = [&row](JsonScanner& scanner, const Step& step) {
    const auto* name = std::get_if<std::string>(&step);
    return name != nullptr ? go_to_member(scanner, *name, row.arena())
                           : go_to_element(scanner, std::get<std::size_t>(step));
  };
  for (const Expression& expression : expressions_) {
    JsonScanner scanner(line);
    Value value;
    const bool found = std::all_of(expression.path.begin(), expression.path.end(),
                                   [&](const Step& step) { return go_to(scanner, step); }) &&
                       scanner.read(value) && value.kind != Kind::kNull;
    if (found) {
      row.set_parsed(expression.name, label_value(value, row.arena()));
    } else if (!row.find(expression.name)) {
      row.set_parsed(expression.name, {});
    }
    if (!scanner.error().empty()) row.set_error(kErrorKind, scanner.error());
  }
}

}  // namespace livedata::query::plan
