// Functions on texts. Those with capital letters take their arguments as Go's package strings does,
// the others have the text last, so that it can be piped in.
#include <algorithm>
#include <array>

#include "query/text_template/characters.h"
#include "query/text_template/functions.h"

namespace livedata::query::text_template {
namespace {

constexpr std::int64_t kMaxSpaces = 10000;
constexpr std::string_view kWhitespace = " \t\n\v\f\r";

Result<std::vector<std::string>> texts(Arguments arguments) {
  std::vector<std::string> out;
  for (const Value& argument : arguments) {
    LIVEDATA_TRY(std::string text, text_argument(argument));
    out.push_back(std::move(text));
  }
  return out;
}

template <char32_t (*kChange)(char32_t)>
std::string changed(std::string_view text) {
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const auto [code, size] = first_character(rest);
    const char32_t other = kChange(code);
    if (other == code) {
      out += rest.substr(0, size);
    } else {
      append_character(out, other);
    }
    rest.remove_prefix(size);
  }
  return out;
}

/// The first letter of each word large.
std::string title(std::string_view text) {
  std::string out;
  bool starts = true;
  for (std::string_view rest = text; !rest.empty();) {
    const auto [code, size] = first_character(rest);
    if (starts && to_upper(code) != code) {
      append_character(out, to_upper(code));
    } else {
      out += rest.substr(0, size);
    }
    starts = !is_letter_or_digit(code) && code != '_' && code != '\'';
    rest.remove_prefix(size);
  }
  return out;
}

bool holds(std::string_view cutset, char32_t code) {
  while (!cutset.empty()) {
    const Character first = first_character(cutset);
    if (first.code == code) return true;
    cutset.remove_prefix(first.size);
  }
  return false;
}

std::string trimmed_left(std::string_view text, std::string_view cutset) {
  while (!text.empty()) {
    const Character first = first_character(text);
    if (!holds(cutset, first.code)) break;
    text.remove_prefix(first.size);
  }
  return std::string(text);
}
std::string trimmed_right(std::string_view text, std::string_view cutset) {
  std::size_t kept = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Character next = first_character(text.substr(at));
    at += next.size;
    if (!holds(cutset, next.code)) kept = at;
  }
  return std::string(text.substr(0, kept));
}
std::string trimmed(std::string_view text, std::string_view cutset) {
  return trimmed_left(trimmed_right(text, cutset), cutset);
}

Result<std::string> replaced(std::string_view text, std::string_view from, std::string_view to,
                             std::int64_t count) {
  std::string out;
  bool starts = true;
  while (count != 0) {
    // Nothing is found between all characters.
    const std::size_t at =
        from.empty() ? size_of_characters(text, starts ? 0 : 1) : text.find(from);
    if (at == std::string_view::npos || (from.empty() && !starts && text.empty())) break;
    out.append(text.substr(0, at)).append(to);
    text.remove_prefix(at + from.size());
    if (count > 0) --count;
    starts = false;
    if (out.size() > kMaxTextBytes) return too_long();
  }
  return out.append(text);
}

/// Applies a function of one text.
template <auto kChange>
Result<Value> on_text(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::string text, text_argument(arguments[0]));
  return Value(std::string(kChange(text)));
}

/// Applies a function of two texts, in the order in which they are written.
template <auto kChange>
Result<Value> on_two(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const auto both, texts(arguments));
  return Value(kChange(both[0], both[1]));
}

Result<Value> replace_go(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const auto t, texts(arguments.first(3)));
  LIVEDATA_TRY(const std::int64_t count, int_argument(arguments[3]));
  LIVEDATA_TRY(std::string out, replaced(t[0], t[1], t[2], count));
  return Value(std::move(out));
}

Result<Value> replace_all(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const auto t, texts(arguments));
  LIVEDATA_TRY(std::string out, replaced(t[2], t[0], t[1], -1));
  return Value(std::move(out));
}

/// Of bytes; a negative size keeps the end.
Result<Value> trunc(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::int64_t size, int_argument(arguments[0]));
  LIVEDATA_TRY(std::string text, text_argument(arguments[1]));
  const auto length = static_cast<std::int64_t>(text.size());
  if (size >= 0 && size < length) text.resize(static_cast<std::size_t>(size));
  if (size < 0 && size > -length) text.erase(0, static_cast<std::size_t>(length + size));
  return Value(std::move(text));
}

/// Of bytes; a negative start is the beginning, a negative end the end.
Result<Value> substr(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::int64_t start, int_argument(arguments[0]));
  LIVEDATA_TRY(const std::int64_t end, int_argument(arguments[1]));
  LIVEDATA_TRY(const std::string text, text_argument(arguments[2]));
  const auto length = static_cast<std::int64_t>(text.size());
  const std::int64_t from = std::clamp<std::int64_t>(start, 0, length);
  const std::int64_t to = end < 0 || end > length ? length : end;
  if (from >= to) return Value(std::string());
  return Value(text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)));
}

/// A width or an indentation.
Result<std::size_t> num_spaces(const Value& value) {
  LIVEDATA_TRY(const std::int64_t spaces, int_argument(value));
  if (spaces < 0 || spaces > kMaxSpaces)
    return fail(ErrorCode::kInvalidArgument, "{} is not in the range of 0 to {}", spaces,
                kMaxSpaces);
  return static_cast<std::size_t>(spaces);
}

Result<std::string> indented(Arguments arguments) {
  LIVEDATA_TRY(const std::size_t spaces, num_spaces(arguments[0]));
  LIVEDATA_TRY(const std::string text, text_argument(arguments[1]));
  const std::string pad(spaces, ' ');
  LIVEDATA_TRY(const std::string out, replaced(text, "\n", "\n" + pad, -1));
  return pad + out;
}

Result<Value> indent(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(std::string out, indented(arguments));
  return Value(std::move(out));
}
Result<Value> nindent(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::string out, indented(arguments));
  return Value("\n" + out);
}

Result<Value> repeat(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::int64_t count, int_argument(arguments[0]));
  LIVEDATA_TRY(const std::string text, text_argument(arguments[1]));
  if (count < 0) return fail(ErrorCode::kInvalidArgument, "negative repeat count");
  if (text.empty()) return Value(std::string());
  if (count > static_cast<std::int64_t>(kMaxTextBytes / text.size())) return too_long();
  std::string out;
  out.reserve(static_cast<std::size_t>(count) * text.size());
  for (std::int64_t i = 0; i < count; ++i) out += text;
  return Value(std::move(out));
}

/// Cut or padded to a number of characters; a negative one leaves the text as it is.
Result<Value> align(Arguments arguments, bool left) {
  LIVEDATA_TRY(std::string text, text_argument(arguments[1]));
  LIVEDATA_TRY(const std::int64_t given, int_argument(arguments[0]));
  if (given < 0) return Value(std::move(text));
  LIVEDATA_TRY(const std::size_t width, num_spaces(arguments[0]));
  const std::size_t length = count_characters(text);
  if (length >= width) {
    return Value(left ? text.substr(0, size_of_characters(text, width))
                      : text.substr(size_of_characters(text, length - width)));
  }
  const std::string pad(width - length, ' ');
  return Value(left ? text + pad : pad + text);
}

std::string trim_space(std::string_view text) { return trimmed(text, kWhitespace); }

std::string cut_prefix(const std::string& text, const std::string& prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}
std::string cut_suffix(const std::string& text, const std::string& suffix) {
  return text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text;
}

constexpr std::array kFunctions = {
    Function{"ToLower", 1, 1, on_text<changed<to_lower>>},
    Function{"lower", 1, 1, on_text<changed<to_lower>>},
    Function{"ToUpper", 1, 1, on_text<changed<to_upper>>},
    Function{"upper", 1, 1, on_text<changed<to_upper>>},
    Function{"title", 1, 1, on_text<title>},
    Function{"TrimSpace", 1, 1, on_text<trim_space>},
    Function{"trim", 1, 1, on_text<trim_space>},
    Function{"Trim", 2, 2, on_two<[](const auto& s, const auto& set) { return trimmed(s, set); }>},
    Function{"TrimLeft", 2, 2,
             on_two<[](const auto& s, const auto& set) { return trimmed_left(s, set); }>},
    Function{"TrimRight", 2, 2,
             on_two<[](const auto& s, const auto& set) { return trimmed_right(s, set); }>},
    Function{"TrimPrefix", 2, 2,
             on_two<[](const auto& s, const auto& p) { return cut_prefix(s, p); }>},
    Function{"TrimSuffix", 2, 2,
             on_two<[](const auto& s, const auto& p) { return cut_suffix(s, p); }>},
    Function{"trimAll", 2, 2,
             on_two<[](const auto& set, const auto& s) { return trimmed(s, set); }>},
    Function{"trimPrefix", 2, 2,
             on_two<[](const auto& p, const auto& s) { return cut_prefix(s, p); }>},
    Function{"trimSuffix", 2, 2,
             on_two<[](const auto& p, const auto& s) { return cut_suffix(s, p); }>},
    Function{"contains", 2, 2, on_two<[](const std::string& part, const std::string& s) {
               return s.find(part) != std::string::npos;
             }>},
    Function{"hasPrefix", 2, 2,
             on_two<[](const std::string& p, const std::string& s) { return s.starts_with(p); }>},
    Function{"hasSuffix", 2, 2,
             on_two<[](const std::string& p, const std::string& s) { return s.ends_with(p); }>},
    Function{"Replace", 4, 4, replace_go},
    Function{"replace", 3, 3, replace_all},
    Function{"trunc", 2, 2, trunc},
    Function{"substr", 3, 3, substr},
    Function{"indent", 2, 2, indent},
    Function{"nindent", 2, 2, nindent},
    Function{"repeat", 2, 2, repeat},
    Function{"alignLeft", 2, 2, [](Arguments a, const CallContext&) { return align(a, true); }},
    Function{"alignRight", 2, 2, [](Arguments a, const CallContext&) { return align(a, false); }},
};

}  // namespace

std::span<const Function> text_functions() { return kFunctions; }

}  // namespace livedata::query::text_template
