#include "query/spl/cursor.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace livedata::query::spl {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f\v";
constexpr std::string_view kNameEnds = "|[](),=\"";

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

Place place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const std::size_t line_end = before.rfind('\n');
  const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  return {lines + 1,
          line_end == std::string_view::npos ? before.size() + 1 : before.size() - line_end};
}

std::size_t Cursor::skip_space() {
  for (;;) {
    at_ = std::min(text_.find_first_not_of(kSpace, at_), text_.size());
    if (!text_.substr(at_).starts_with("```")) return at_;
    const std::size_t end = text_.find("```", at_ + 3);
    at_ = end == std::string_view::npos ? text_.size() : end + 3;
  }
}

bool Cursor::at_end() {
  skip_space();
  return at_ >= text_.size() || text_[at_] == '|' || text_[at_] == ']';
}

bool Cursor::take(std::string_view symbol) {
  if (!at(symbol)) return false;
  at_ += symbol.size();
  return true;
}

Parsed<void> Cursor::expect(std::string_view symbol) {
  if (!take(symbol)) return unexpected(fmt::format("'{}'", symbol));
  return {};
}

bool Cursor::at_word(std::string_view word) {
  skip_space();
  if (lower(text_.substr(at_, word.size())) != word) return false;
  const std::size_t end = at_ + word.size();
  return end >= text_.size() || !is_word_character(text_[end]);
}

bool Cursor::take_word(std::string_view word) {
  if (!at_word(word)) return false;
  at_ += word.size();
  return true;
}

std::string_view Cursor::take_until(std::string_view stops) {
  const std::size_t start = skip_space();
  while (at_ < text_.size() && kSpace.find(text_[at_]) == std::string_view::npos &&
         stops.find(text_[at_]) == std::string_view::npos)
    ++at_;
  return text_.substr(start, at_ - start);
}

Parsed<std::string> Cursor::take_quoted(char quote) {
  const std::size_t start = skip_space();
  std::string out;
  for (++at_; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == quote) {
      ++at_;
      return out;
    }
    const bool is_escape =
        c == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == quote || text_[at_ + 1] == '\\');
    if (is_escape) ++at_;
    out += text_[at_];
  }
  return mistake(start, "the text in quotes has no end");
}

Parsed<Name> Cursor::take_name(std::string_view what) {
  const std::size_t start = skip_space();
  for (const char quote : {'"', '\''}) {
    if (start >= text_.size() || text_[start] != quote) continue;
    LIVEDATA_TRY(std::string quoted, take_quoted(quote));
    if (quoted.empty()) return mistake(start, "expected {}, not an empty text", what);
    return Name{std::move(quoted), start};
  }
  const std::string_view word = take_until(kNameEnds);
  if (word.empty()) return unexpected(what);
  return Name{std::string(word), start};
}

Parsed<std::vector<Name>> Cursor::take_names(std::string_view what,
                                             std::initializer_list<std::string_view> until) {
  std::vector<Name> names;
  const auto is_over = [&] {
    return at_end() || std::any_of(until.begin(), until.end(),
                                   [this](std::string_view word) { return at_word(word); });
  };
  do {
    LIVEDATA_TRY(Name name, take_name(what));
    names.push_back(std::move(name));
    if (names.size() > kMaxListed) return mistake(at_, "there are more than {} names", kMaxListed);
  } while (take(",") || !is_over());
  return names;
}

Parsed<std::uint64_t> Cursor::take_count(std::string_view what) {
  const std::size_t start = skip_space();
  const std::string_view word = take_until("|[](),=\"");
  std::uint64_t count = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), count);
  constexpr std::uint64_t kMost = 1'000'000'000;
  if (code == std::errc() && end == word.data() + word.size() && count <= kMost) return count;
  go_back(start);
  return unexpected(what);
}

std::string_view Cursor::peek_option() {
  const std::size_t start = skip_space();
  std::size_t end = start;
  while (end < text_.size() && is_word_character(text_[end])) ++end;
  const std::string_view name = text_.substr(start, end - start);
  end = std::min(text_.find_first_not_of(kSpace, end), text_.size());
  const std::string_view rest = text_.substr(end);
  return !name.empty() && rest.starts_with("=") && !rest.starts_with("==") ? name
                                                                           : std::string_view();
}

bool Cursor::take_option(std::string_view name) {
  const std::string_view next = peek_option();
  if (next.empty() || lower(next) != name) return false;
  at_ += next.size();
  return take("=");
}

Parsed<std::string> Cursor::take_value(std::string_view what) {
  if (at_quote()) return take_quoted();
  const std::string_view word = take_until("|[](),\"");
  if (word.empty()) return unexpected(what);
  return std::string(word);
}

Parsed<bool> Cursor::take_flag(std::string_view what) {
  const std::size_t start = skip_space();
  LIVEDATA_TRY(const std::string value, take_value(what));
  const std::string flag = lower(value);
  if (flag == "t" || flag == "true" || flag == "1") return true;
  if (flag == "f" || flag == "false" || flag == "0") return false;
  return mistake(start, "{} is true or false, not '{}'", what, value);
}

tl::unexpected<Fault> Cursor::unexpected(std::string_view expected) {
  const std::size_t start = skip_space();
  if (start >= text_.size()) return mistake(start, "expected {}, but the search ends", expected);
  std::size_t end = start + 1;
  if (is_word_character(text_[start])) {
    while (end < text_.size() && is_word_character(text_[end]) && end - start < 40) ++end;
  }
  // Not a part of a character.
  while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xC0U) == 0x80U) ++end;
  return mistake(start, "expected {}, not '{}'", expected, text_.substr(start, end - start));
}

Parsed<void> Cursor::Nesting::check() const {
  if (cursor_.depth_ <= kMaxNesting) return {};
  return mistake(cursor_.at_, "the search is nested deeper than {} levels", kMaxNesting);
}

Parsed<void> Cursor::count_command(std::size_t offset) {
  if (++commands_ <= kMaxCommands) return {};
  return mistake(offset, "the search has more than {} commands", kMaxCommands);
}

}  // namespace livedata::query::spl
