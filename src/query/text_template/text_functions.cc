// Functions on texts. Those with capital letters take their arguments as Go's package strings does,
// the others have the text last, so that it can be piped in.
#include <algorithm>
#include <array>

#include <re2/re2.h>

#include "query/text_template/functions.h"

namespace livedata::query::text_template {
namespace {

constexpr std::size_t kMaxBytes = 1024 * 1024;
constexpr std::string_view kWhitespace = " \t\n\v\f\r";

Result<std::vector<std::string>> texts(Arguments arguments) {
  std::vector<std::string> out;
  for (const Value& argument : arguments) {
    LIVEDATA_TRY(std::string text, text_argument(argument));
    out.push_back(std::move(text));
  }
  return out;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}
std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

/// The first letter of each word large.
std::string title(std::string text) {
  bool starts = true;
  for (char& c : text) {
    const bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                         (c >= '0' && c <= '9') || c == '\'' || static_cast<unsigned char>(c) >= 0x80;
    if (starts && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    starts = !is_word;
  }
  return text;
}

std::string trimmed_left(std::string text, std::string_view cutset) {
  return text.erase(0, std::min(text.find_first_not_of(cutset), text.size()));
}
std::string trimmed_right(std::string text, std::string_view cutset) {
  text.resize(text.find_last_not_of(cutset) + 1);
  return text;
}
std::string trimmed(std::string text, std::string_view cutset) {
  return trimmed_left(trimmed_right(std::move(text), cutset), cutset);
}

Result<std::string> replaced(std::string_view text, std::string_view from, std::string_view to,
                             std::int64_t count) {
  std::string out;
  while (count != 0) {
    const std::size_t at = text.find(from);
    if (at == std::string_view::npos || from.empty()) break;
    out.append(text.substr(0, at)).append(to);
    text.remove_prefix(at + from.size());
    --count;
    if (out.size() > kMaxBytes)
      return fail(ErrorCode::kInvalidArgument, "the text is longer than {} bytes", kMaxBytes);
  }
  return out.append(text);
}

/// Applies a function of one text.
template <auto kChange>
Result<Value> on_text(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(std::string text, text_argument(arguments[0]));
  return Value(std::string(kChange(std::move(text))));
}

/// Applies a function of two texts, in the order in which they are written.
template <auto kChange>
Result<Value> on_two(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const auto both, texts(arguments));
  return Value(kChange(both[0], both[1]));
}

Result<Value> replace_go(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const auto t, texts(arguments.first(3)));
  LIVEDATA_TRY(std::string out, replaced(t[0], t[1], t[2], to_int(arguments[3])));
  return Value(std::move(out));
}

Result<Value> replace_all(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const auto t, texts(arguments));
  LIVEDATA_TRY(std::string out, replaced(t[2], t[0], t[1], -1));
  return Value(std::move(out));
}

Result<Value> trunc(Arguments arguments, const CallContext& /*context*/) {
  const std::int64_t size = to_int(arguments[0]);
  LIVEDATA_TRY(std::string text, text_argument(arguments[1]));
  const auto length = static_cast<std::int64_t>(text.size());
  if (size >= 0 && size < length) text.resize(static_cast<std::size_t>(size));
  if (size < 0 && -size < length) text.erase(0, static_cast<std::size_t>(length + size));
  return Value(std::move(text));
}

Result<Value> substr(Arguments arguments, const CallContext& /*context*/) {
  const std::int64_t start = to_int(arguments[0]);
  const std::int64_t end = to_int(arguments[1]);
  LIVEDATA_TRY(const std::string text, text_argument(arguments[2]));
  const auto length = static_cast<std::int64_t>(text.size());
  const std::int64_t from = start < 0 ? 0 : std::min(start, length);
  const std::int64_t to = end < 0 || end > length ? length : end;
  if (from >= to) return Value(std::string());
  return Value(text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)));
}

std::string indented(const std::string& text, std::int64_t spaces) {
  const std::string pad(static_cast<std::size_t>(std::clamp<std::int64_t>(spaces, 0, 1000)), ' ');
  std::string out = pad;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += pad;
    if (out.size() > kMaxBytes) break;
  }
  return out;
}

Result<Value> indent(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::string text, text_argument(arguments[1]));
  return Value(indented(text, to_int(arguments[0])));
}
Result<Value> nindent(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::string text, text_argument(arguments[1]));
  return Value("\n" + indented(text, to_int(arguments[0])));
}

Result<Value> repeat(Arguments arguments, const CallContext& /*context*/) {
  const std::int64_t count = std::max<std::int64_t>(0, to_int(arguments[0]));
  LIVEDATA_TRY(const std::string text, text_argument(arguments[1]));
  if (!text.empty() && count > static_cast<std::int64_t>(kMaxBytes / text.size()))
    return fail(ErrorCode::kInvalidArgument, "the text is longer than {} bytes", kMaxBytes);
  std::string out;
  for (std::int64_t i = 0; i < count && !text.empty(); ++i) out += text;
  return Value(std::move(out));
}

/// Start of each character (UTF-8), and the end.
std::vector<std::size_t> characters(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) starts.push_back(i);
  }
  starts.push_back(text.size());
  return starts;
}

Result<Value> align(Arguments arguments, bool left) {
  const auto width = static_cast<std::size_t>(std::clamp<std::int64_t>(to_int(arguments[0]), 0, 10000));
  LIVEDATA_TRY(std::string text, text_argument(arguments[1]));
  const std::vector<std::size_t> starts = characters(text);
  const std::size_t length = starts.size() - 1;
  if (length >= width)
    return Value(left ? text.substr(0, starts[width]) : text.substr(starts[length - width]));
  const std::string pad(width - length, ' ');
  return Value(left ? text + pad : pad + text);
}

Result<std::shared_ptr<const re2::RE2>> compiled(const std::string& text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto regex = std::make_shared<const re2::RE2>(text, options);
  if (!regex->ok())
    return fail(ErrorCode::kInvalidArgument, "the regex '{}' is wrong: {}", text, regex->error());
  return regex;
}

/// Go's ${1}, $1 and ${name} in a replacement.
std::string expanded(std::string_view pattern, const re2::RE2& regex,
                     const std::vector<re2::StringPiece>& groups) {
  std::string out;
  while (!pattern.empty()) {
    const std::size_t plain = std::min(pattern.find('$'), pattern.size());
    out += pattern.substr(0, plain);
    pattern.remove_prefix(plain);
    if (pattern.empty()) break;
    pattern.remove_prefix(1);
    if (pattern.starts_with('$')) {
      out += '$';
      pattern.remove_prefix(1);
      continue;
    }
    std::string_view name;
    if (pattern.starts_with('{') && pattern.find('}') != std::string_view::npos) {
      name = pattern.substr(1, pattern.find('}') - 1);
      pattern.remove_prefix(name.size() + 2);
    } else {
      std::size_t size = 0;
      while (size < pattern.size() &&
             (std::isalnum(static_cast<unsigned char>(pattern[size])) != 0 || pattern[size] == '_'))
        ++size;
      name = pattern.substr(0, size);
      pattern.remove_prefix(size);
    }
    std::size_t group = groups.size();
    const bool is_number = !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
    if (is_number && name.size() < 4) {
      group = static_cast<std::size_t>(to_int(Value(std::string(name))));
    } else if (const auto found = regex.NamedCapturingGroups().find(std::string(name));
               found != regex.NamedCapturingGroups().end()) {
      group = static_cast<std::size_t>(found->second);
    }
    if (group < groups.size()) out.append(groups[group].data(), groups[group].size());
  }
  return out;
}

/// Calls found(groups) for each match, and plain(text) for what is between them.
template <class Found, class Plain>
void for_matches(const re2::RE2& regex, std::string_view text, const Found& found, const Plain& plain) {
  const re2::StringPiece piece(text.data(), text.size());
  std::vector<re2::StringPiece> groups(static_cast<std::size_t>(regex.NumberOfCapturingGroups()) + 1);
  std::size_t at = 0;
  while (at <= text.size() &&
         regex.Match(piece, at, text.size(), re2::RE2::UNANCHORED, groups.data(),
                     static_cast<int>(groups.size()))) {
    const auto start = static_cast<std::size_t>(groups[0].data() - text.data());
    plain(text.substr(at, start - at));
    found(groups);
    at = start + groups[0].size();
    if (groups[0].empty()) {
      if (at < text.size()) plain(text.substr(at, 1));
      ++at;
    }
  }
  if (at < text.size()) plain(text.substr(at));
}

Result<Value> regex_replace(Arguments arguments, bool literal) {
  LIVEDATA_TRY(const auto t, texts(arguments));
  LIVEDATA_TRY(const auto regex, compiled(t[0]));
  std::string out;
  for_matches(
      *regex, t[1],
      [&](const std::vector<re2::StringPiece>& groups) {
        if (out.size() < kMaxBytes) out += literal ? t[2] : expanded(t[2], *regex, groups);
      },
      [&](std::string_view plain) { out += plain; });
  return Value(std::move(out));
}

Result<Value> count(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const auto t, texts(arguments));
  LIVEDATA_TRY(const auto regex, compiled(t[0]));
  std::int64_t matches = 0;
  for_matches(*regex, t[1], [&](const auto& /*groups*/) { ++matches; }, [](std::string_view) {});
  return Value(matches);
}

std::string url_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Result<Value> url_decode(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::string text, text_argument(arguments[0]));
  constexpr std::string_view kHex = "0123456789ABCDEFabcdef";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size() || kHex.find(text[i + 1]) == std::string_view::npos ||
        kHex.find(text[i + 2]) == std::string_view::npos)
      return fail(ErrorCode::kInvalidArgument, "invalid URL escape \"{}\"", text.substr(i, 3));
    out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
    i += 2;
  }
  return Value(std::move(out));
}

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// RFC 4648, section 4.
std::string base64_encoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t bits = 0;
    const std::size_t count = std::min<std::size_t>(3, text.size() - i);
    for (std::size_t j = 0; j < 3; ++j)
      bits = (bits << 8U) | (j < count ? static_cast<unsigned char>(text[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      out += j <= count ? kBase64[(bits >> (18U - 6U * j)) & 0x3FU] : '=';
  }
  return out;
}

Result<Value> base64_decode(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(std::string text, text_argument(arguments[0]));
  const auto bad = [] { return fail(ErrorCode::kInvalidArgument, "illegal base64 data"); };
  if (text.size() % 4 != 0) return bad();
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.pop_back();
  std::string out;
  std::uint32_t bits = 0;
  unsigned num_bits = 0;
  for (const char c : text) {
    const std::size_t digit = kBase64.find(c);
    if (digit == std::string_view::npos) return bad();
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    num_bits += 6;
    if (num_bits < 8) continue;
    num_bits -= 8;
    out += static_cast<char>((bits >> num_bits) & 0xFFU);
  }
  return Value(std::move(out));
}

std::string trim_space(std::string text) { return trimmed(std::move(text), kWhitespace); }

std::string cut_prefix(const std::string& text, const std::string& prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}
std::string cut_suffix(const std::string& text, const std::string& suffix) {
  return text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text;
}

constexpr std::array kFunctions = {
    Function{"ToLower", 1, 1, on_text<lower>},
    Function{"lower", 1, 1, on_text<lower>},
    Function{"ToUpper", 1, 1, on_text<upper>},
    Function{"upper", 1, 1, on_text<upper>},
    Function{"title", 1, 1, on_text<title>},
    Function{"TrimSpace", 1, 1, on_text<trim_space>},
    Function{"trim", 1, 1, on_text<trim_space>},
    Function{"Trim", 2, 2, on_two<[](const auto& s, const auto& set) { return trimmed(s, set); }>},
    Function{"TrimLeft", 2, 2,
             on_two<[](const auto& s, const auto& set) { return trimmed_left(s, set); }>},
    Function{"TrimRight", 2, 2,
             on_two<[](const auto& s, const auto& set) { return trimmed_right(s, set); }>},
    Function{"TrimPrefix", 2, 2, on_two<[](const auto& s, const auto& p) { return cut_prefix(s, p); }>},
    Function{"TrimSuffix", 2, 2, on_two<[](const auto& s, const auto& p) { return cut_suffix(s, p); }>},
    Function{"trimAll", 2, 2, on_two<[](const auto& set, const auto& s) { return trimmed(s, set); }>},
    Function{"trimPrefix", 2, 2, on_two<[](const auto& p, const auto& s) { return cut_prefix(s, p); }>},
    Function{"trimSuffix", 2, 2, on_two<[](const auto& p, const auto& s) { return cut_suffix(s, p); }>},
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
    Function{"regexReplaceAll", 3, 3,
             [](Arguments a, const CallContext&) { return regex_replace(a, false); }},
    Function{"regexReplaceAllLiteral", 3, 3,
             [](Arguments a, const CallContext&) { return regex_replace(a, true); }},
    Function{"count", 2, 2, count},
    Function{"urlencode", 1, 1, on_text<url_encoded>},
    Function{"urlquery", 1, 1, on_text<url_encoded>},
    Function{"urldecode", 1, 1, url_decode},
    Function{"b64enc", 1, 1, on_text<base64_encoded>},
    Function{"b64dec", 1, 1, base64_decode},
};

}  // namespace

Result<std::string> text_argument(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (value.index() == 0) return std::string();
  return fail(ErrorCode::kInvalidArgument, "wrong type for value; expected string; got {}",
              type_name(value));
}

std::span<const Function> text_functions() { return kFunctions; }

}  // namespace livedata::query::text_template
