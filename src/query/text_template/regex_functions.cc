#include <algorithm>
#include <array>
#include <cctype>

#include "query/text_template/characters.h"
#include "query/text_template/functions.h"

namespace livedata::query::text_template {
namespace {

using Regex = std::shared_ptr<const re2::RE2>;

/// The first argument, which was compiled before if it is a literal.
Result<Regex> regex_argument(const Value& value, const CallContext& context) {
  // Not to be deleted by us.
  if (context.regex != nullptr) return Regex(context.regex, [](const re2::RE2*) {});
  LIVEDATA_TRY(const std::string text, text_argument(value));
  return compile_regex(text);
}

/// Go's ${1}, $1 and ${name} in a replacement.
void expand(std::string_view pattern, const re2::RE2& regex,
            const std::vector<re2::StringPiece>& groups, std::string& out) {
  while (!pattern.empty() && out.size() <= kMaxTextBytes) {
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
    const bool is_number =
        !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
    if (is_number && name.size() < 4) {
      group = static_cast<std::size_t>(to_int(Value(std::string(name))));
    } else if (const auto found = regex.NamedCapturingGroups().find(std::string(name));
               found != regex.NamedCapturingGroups().end()) {
      group = static_cast<std::size_t>(found->second);
    }
    if (group < groups.size()) out.append(groups[group].data(), groups[group].size());
  }
}

/// Calls found(groups) for each match, and plain(text) for what is between them. Like Go's, an
/// empty match right behind another match doesn't count. Ends when found() says so.
template <class Found, class Plain>
void for_matches(const re2::RE2& regex, std::string_view text, const Found& found,
                 const Plain& plain) {
  const re2::StringPiece piece(text.data(), text.size());
  std::vector<re2::StringPiece> groups(static_cast<std::size_t>(regex.NumberOfCapturingGroups()) +
                                       1);
  std::size_t copied = 0;  // what plain() or found() have seen
  std::size_t at = 0;
  bool follows_match = false;
  while (at <= text.size() && regex.Match(piece, at, text.size(), re2::RE2::UNANCHORED,
                                          groups.data(), static_cast<int>(groups.size()))) {
    const auto start = static_cast<std::size_t>(groups[0].data() - text.data());
    const bool counts = !groups[0].empty() || !follows_match || start > copied;
    if (counts) {
      plain(text.substr(copied, start - copied));
      if (!found(groups)) return;
      copied = start + groups[0].size();
    }
    follows_match = counts;
    const bool moves = !groups[0].empty();
    at = moves ? start + groups[0].size()
               : start + (start < text.size() ? first_character(text.substr(start)).size : 1);
  }
  if (copied < text.size()) plain(text.substr(copied));
}

template <bool kLiteral>
Result<Value> replace(Arguments arguments, const CallContext& context) {
  LIVEDATA_TRY(const Regex regex, regex_argument(arguments[0], context));
  LIVEDATA_TRY(const std::string text, text_argument(arguments[1]));
  LIVEDATA_TRY(const std::string replacement, text_argument(arguments[2]));
  std::string out;
  for_matches(
      *regex, text,
      [&](const std::vector<re2::StringPiece>& groups) {
        if constexpr (kLiteral) {
          out += replacement;
        } else {
          expand(replacement, *regex, groups, out);
        }
        return out.size() <= kMaxTextBytes;
      },
      [&](std::string_view plain) { out += plain; });
  return Value(std::move(out));
}

Result<Value> count(Arguments arguments, const CallContext& context) {
  LIVEDATA_TRY(const Regex regex, regex_argument(arguments[0], context));
  LIVEDATA_TRY(const std::string text, text_argument(arguments[1]));
  std::int64_t matches = 0;
  for_matches(
      *regex, text,
      [&](const auto& /*groups*/) {
        ++matches;
        return true;
      },
      [](std::string_view /*plain*/) {});
  return Value(matches);
}

constexpr std::array kFunctions = {
    Function{"regexReplaceAll", 3, 3, replace<false>, true},
    Function{"regexReplaceAllLiteral", 3, 3, replace<true>, true},
    Function{"count", 2, 2, count, true},
};

}  // namespace

Result<std::shared_ptr<const re2::RE2>> compile_regex(std::string_view text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto regex =
      std::make_shared<const re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
  if (!regex->ok())
    return fail(ErrorCode::kInvalidArgument, "the regex '{}' is wrong: {}", text, regex->error());
  return regex;
}

std::span<const Function> regex_functions() { return kFunctions; }

}  // namespace livedata::query::text_template
