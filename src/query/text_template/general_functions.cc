// Comparison, printing, and what works on values of all kinds.
#include <algorithm>
#include <array>

#include "query/plan/json_scanner.h"
#include "query/text_template/functions.h"

namespace livedata::query::text_template {
namespace {

constexpr int kMaxJsonDepth = 64;

Result<Value> value_of(bool b) { return Value(b); }

tl::unexpected<Error> incomparable(const Value& left, const Value& right) {
  return fail(ErrorCode::kInvalidArgument, "incompatible types for comparison: {} and {}",
              type_name(left), type_name(right));
}

/// Whether the first argument equals one of the others.
Result<Value> equals(Arguments arguments, const CallContext& /*context*/) {
  for (const Value& other : arguments.subspan(1)) {
    const auto order = compare(arguments[0], other);
    if (!order) return incomparable(arguments[0], other);
    if (*order == 0) return value_of(true);
  }
  return value_of(false);
}

constexpr bool is_unequal(int order) { return order != 0; }
constexpr bool is_less(int order) { return order < 0; }
constexpr bool is_at_most(int order) { return order <= 0; }
constexpr bool is_greater(int order) { return order > 0; }
constexpr bool is_at_least(int order) { return order >= 0; }

template <auto kHolds>
Result<Value> compares(Arguments arguments, const CallContext& /*context*/) {
  const auto order = compare(arguments[0], arguments[1]);
  if (!order) return incomparable(arguments[0], arguments[1]);
  return value_of(kHolds(*order));
}

Result<Value> length(Arguments arguments, const CallContext& /*context*/) {
  const auto size = [](std::size_t n) { return Value(static_cast<std::int64_t>(n)); };
  if (const auto* text = std::get_if<std::string>(arguments.data())) return size(text->size());
  if (const auto* list = std::get_if<List>(arguments.data())) return size((*list)->size());
  if (const auto* map = std::get_if<Map>(arguments.data())) return size((*map)->size());
  return fail(ErrorCode::kInvalidArgument, "len of type {}", type_name(arguments[0]));
}

Result<Value> index(Arguments arguments, const CallContext& /*context*/) {
  Value value = arguments[0];
  for (const Value& key : arguments.subspan(1)) {
    if (const auto* map = std::get_if<Map>(&value)) {
      const auto found = (*map)->find(to_text(key));
      value = found == (*map)->end() ? Value() : Value(found->second);
      continue;
    }
    const std::int64_t at = to_int(key);
    const auto* list = std::get_if<List>(&value);
    const auto* text = std::get_if<std::string>(&value);
    const std::size_t size = list != nullptr ? (*list)->size() : text != nullptr ? text->size() : 0;
    if (at < 0 || static_cast<std::size_t>(at) >= size) {
      return fail(ErrorCode::kInvalidArgument, "index out of range or of no list: {}", at);
    }
    const auto place = static_cast<std::size_t>(at);
    value = list != nullptr
                ? Value((**list)[place])
                : Value(static_cast<std::int64_t>(static_cast<unsigned char>((*text)[place])));
  }
  return value;
}

Result<Value> slice(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::string text, text_argument(arguments[0]));
  const auto size = static_cast<std::int64_t>(text.size());
  const std::int64_t from = arguments.size() > 1 ? to_int(arguments[1]) : 0;
  const std::int64_t to = arguments.size() > 2 ? to_int(arguments[2]) : size;
  if (from < 0 || to > size || from > to)
    return fail(ErrorCode::kInvalidArgument, "slice bounds out of range: {}:{}", from, to);
  return Value(text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)));
}

/// Spaces between operands of which neither is a text, as Go's Sprint has them.
Result<Value> print(Arguments arguments, const CallContext& /*context*/) {
  std::string out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool spaced = i > 0 && !std::holds_alternative<std::string>(arguments[i - 1]) &&
                        !std::holds_alternative<std::string>(arguments[i]);
    out += (spaced ? " " : "") + to_text(arguments[i]);
  }
  return Value(std::move(out));
}

Result<Value> println(Arguments arguments, const CallContext& /*context*/) {
  std::string out;
  for (const Value& argument : arguments) out += (out.empty() ? "" : " ") + to_text(argument);
  return Value(out + "\n");
}

Result<Value> printf(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::string pattern, text_argument(arguments[0]));
  const auto rest = arguments.subspan(1);
  return Value(format(pattern, std::vector<Value>(rest.begin(), rest.end())));
}

Result<Value> html(Arguments arguments, const CallContext& context) {
  LIVEDATA_TRY(const Value printed, print(arguments, context));
  std::string out;
  for (const char c : std::get<std::string>(printed)) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&#34;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return Value(std::move(out));
}

Result<Value> js(Arguments arguments, const CallContext& context) {
  LIVEDATA_TRY(const Value printed, print(arguments, context));
  std::string out;
  for (const char c : std::get<std::string>(printed)) {
    if (c == '\\' || c == '\'' || c == '"') {
      out += '\\';
      out += c;
    } else if (c == '<' || c == '>' || c == '&' || c == '=' || static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return Value(std::move(out));
}

Result<Value> default_value(Arguments arguments, const CallContext& /*context*/) {
  return arguments.size() > 1 && is_true(arguments[1]) ? arguments[1] : arguments[0];
}

Result<Value> read_json(plan::JsonScanner& scanner, plan::TextArena& arena, int depth) {
  using Kind = plan::JsonScanner::Kind;
  const auto bad = [&] { return fail(ErrorCode::kInvalidArgument, "{}", scanner.error()); };
  Kind kind = Kind::kNull;
  if (!scanner.peek(kind)) return bad();
  if (depth > kMaxJsonDepth) return fail(ErrorCode::kInvalidArgument, "the JSON is nested too deep");
  plan::JsonScanner::Value item;
  if (kind == Kind::kObject) {
    scanner.enter('{');
    auto map = std::make_shared<std::map<std::string, Value>>();
    while (scanner.next_key(item)) {
      std::string name(plan::unescaped(item, arena));
      LIVEDATA_TRY(Value value, read_json(scanner, arena, depth + 1));
      map->insert_or_assign(std::move(name), std::move(value));
    }
    if (!scanner.error().empty()) return bad();
    return Value(Map(std::move(map)));
  }
  if (kind == Kind::kArray) {
    scanner.enter('[');
    auto list = std::make_shared<std::vector<Value>>();
    while (scanner.next_element()) {
      LIVEDATA_TRY(Value value, read_json(scanner, arena, depth + 1));
      list->push_back(std::move(value));
    }
    if (!scanner.error().empty()) return bad();
    return Value(List(std::move(list)));
  }
  if (!scanner.read(item)) return bad();
  switch (kind) {
    case Kind::kString:
      return Value(std::string(plan::unescaped(item, arena)));
    case Kind::kBool:
      return Value(item.raw == "true");
    case Kind::kNumber:
      return Value(to_double(Value(std::string(item.raw))).value_or(0));
    default:
      return Value();
  }
}

Result<Value> from_json(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::string text, text_argument(arguments[0]));
  plan::JsonScanner scanner(text);
  plan::TextArena arena;
  return read_json(scanner, arena, 0);
}

constexpr std::array kFunctions = {
    // and, or: the execution stops at the argument that decides.
    Function{"and", 1, kAnyNumber, equals},
    Function{"or", 1, kAnyNumber, equals},
    Function{"not", 1, 1, [](Arguments a, const CallContext&) { return value_of(!is_true(a[0])); }},
    Function{"eq", 2, kAnyNumber, equals},
    Function{"ne", 2, 2, compares<is_unequal>},
    Function{"lt", 2, 2, compares<is_less>},
    Function{"le", 2, 2, compares<is_at_most>},
    Function{"gt", 2, 2, compares<is_greater>},
    Function{"ge", 2, 2, compares<is_at_least>},
    Function{"len", 1, 1, length},
    Function{"index", 1, kAnyNumber, index},
    Function{"slice", 1, 3, slice},
    Function{"print", 0, kAnyNumber, print},
    Function{"println", 0, kAnyNumber, println},
    Function{"printf", 1, kAnyNumber, printf},
    Function{"html", 1, kAnyNumber, html},
    Function{"js", 1, kAnyNumber, js},
    Function{"default", 1, 2, default_value},
    Function{"fromJson", 1, 1, from_json},
    Function{"__line__", 0, 0,
             [](Arguments, const CallContext& c) { return Result<Value>(Value(std::string(c.line))); }},
};

}  // namespace

std::span<const Function> general_functions() { return kFunctions; }

const Function* find_function(std::string_view name) {
  for (const auto& group :
       {general_functions(), text_functions(), number_functions(), time_functions()}) {
    const auto found =
        std::find_if(group.begin(), group.end(), [&](const Function& f) { return f.name == name; });
    if (found != group.end()) return &*found;
  }
  return nullptr;
}

}  // namespace livedata::query::text_template
