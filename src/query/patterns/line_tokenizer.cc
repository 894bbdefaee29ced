#include "query/patterns/line_tokenizer.h"

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "query/patterns/variable_scan.h"

namespace livedata::query::patterns {
namespace {

enum class ByteKind : std::uint8_t {
  kWord,
  kSoft,  // separates, but not within the query of a URL
  kHard,
};

constexpr std::array<ByteKind, 256> byte_kinds() {
  std::array<ByteKind, 256> kinds{};
  for (const char c : std::string_view(" \t\n\r\v\f\"'`()[]{}<>|")) {
    kinds[static_cast<unsigned char>(c)] = ByteKind::kHard;
  }
  for (const char c : std::string_view("=:,;&?!")) {
    kinds[static_cast<unsigned char>(c)] = ByteKind::kSoft;
  }
  return kinds;
}
constexpr std::array<ByteKind, 256> kByteKinds = byte_kinds();

ByteKind kind_of(char c) { return kByteKinds[static_cast<unsigned char>(c)]; }

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t x = (a ^ b) * 0x9E3779B97F4A7C15ULL;
  return x ^ (x >> 29);
}

/// Patterns go into JSON answers, so their literals have to be UTF-8 (RFC 3629).
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    if (lead < 0x80) continue;
    if (lead < 0xC2 || lead > 0xF4) return false;
    const std::size_t more = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    if (text.size() - i < more) return false;
    const auto second = static_cast<unsigned char>(text[i]);
    // Overlong forms, surrogates, and code points beyond U+10FFFF show in the second byte.
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
        (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) {
      return false;
    }
    for (std::size_t k = 0; k < more; ++k, ++i) {
      if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return false;
    }
  }
  return true;
}

template <std::size_t n>
bool is_one_of(std::string_view word, const std::array<std::string_view, n>& lower_case) {
  return std::any_of(lower_case.begin(), lower_case.end(), [&](std::string_view candidate) {
    return std::equal(word.begin(), word.end(), candidate.begin(), candidate.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
  });
}

bool is_level_name(std::string_view word) {
  constexpr std::array<std::string_view, 11> kLevels = {"trace",    "debug",   "info", "notice",
                                                        "warn",     "warning", "err",  "error",
                                                        "critical", "fatal",   "panic"};
  return word.size() >= 3 && word.size() <= 8 && is_one_of(word, kLevels);
}

bool is_calendar_name(std::string_view word) {
  constexpr std::array<std::string_view, 19> kNames = {
      "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct",
      "nov", "dec", "mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  return word.size() == 3 && is_one_of(word, kNames);
}

/// Hash of a separator with each run of blanks taken as one: columns are padded with them.
std::uint64_t separator_shape(std::string_view text, std::uint64_t seed) {
  bool after_blank = false;
  for (const char c : text) {
    const bool blank = is_blank(c);
    if (!blank || !after_blank) seed = mix(seed, blank ? ' ' : static_cast<unsigned char>(c));
    after_blank = blank;
  }
  return seed;
}

}  // namespace

const TokenizedLine& LineTokenizer::split(std::string_view line) {
  input_ = line.substr(0, kMaxLineBytes);
  at_ = 0;
  words_ = 0;
  out_.text.clear();
  out_.tokens.clear();
  traits_.clear();
  while (at_ < input_.size()) {
    if (is_separator(at_)) {
      read_separator();
    } else if (words_ == max_words_) {
      replace_rest();
    } else if (const std::size_t size = user_agent_size(); size > 0) {
      read_quoted_word(size);
    } else {
      read_word();
    }
  }
  if (line.size() > kMaxLineBytes) {
    // The last word may go on beyond the cut.
    if (out_.tokens.back().is_word) {
      out_.text.resize(out_.tokens.back().begin);
      out_.tokens.pop_back();
      traits_.pop_back();
    }
    replace_rest();
  }
  mark_keys();
  describe();
  return out_;
}

bool LineTokenizer::is_separator(std::size_t at) const {
  const char c = input_[at];
  if (kind_of(c) != ByteKind::kWord) return true;
  if (c != '.' && c != '\\') return false;
  const char next = at + 1 < input_.size() ? input_[at + 1] : ' ';
  // The end of a sentence, or an escaped quote of a string within a string.
  return c == '.' ? is_blank(next) || next == '"' : next == '"';
}

void LineTokenizer::read_separator() {
  const std::size_t begin = at_;
  while (at_ < input_.size() && is_separator(at_)) ++at_;
  const std::size_t out_begin = out_.text.size();
  out_.text += input_.substr(begin, at_ - begin);
  finish_token(out_begin, false);
  traits_.emplace_back();
}

std::size_t LineTokenizer::user_agent_size() const {
  // product "/" version, RFC 9110 section 10.1.5. Its comments differ in their number of words, so
  // each browser would make a pattern of its own.
  if (at_ == 0 || input_[at_ - 1] != '"') return 0;
  std::size_t end = at_;
  while (end < input_.size() && is_letter(input_[end])) ++end;
  if (end == at_ || end + 1 >= input_.size() || input_[end] != '/' || !is_digit(input_[end + 1])) {
    return 0;
  }
  const std::size_t quote = input_.find('"', end);
  if (quote == std::string_view::npos || input_[quote - 1] == '\\') return 0;
  return quote - at_;
}

void LineTokenizer::read_quoted_word(std::size_t size) {
  const std::size_t begin = out_.text.size();
  out_.text += input_.substr(at_, size);
  at_ += size;
  finish_word(begin, at_ - size, {.has_letter = true, .has_digit = true});
}

void LineTokenizer::read_word() {
  const std::size_t input_begin = at_;
  const std::size_t begin = out_.text.size();
  const bool is_path = input_[at_] == '/';
  bool in_query = false;
  WordTraits traits;
  while (at_ < input_.size()) {
    const char c = input_[at_];
    if (is_alnum(c)) {
      const std::size_t end = variable_end(input_, at_);
      if (end > at_) {
        out_.text += kVariableByte;
        traits.has_digit = true;
        at_ = end;
      }
      for (; at_ < input_.size() && is_alnum(input_[at_]); ++at_) {
        (is_digit(input_[at_]) ? traits.has_digit : traits.has_letter) = true;
        out_.text += input_[at_];
      }
      continue;
    }
    in_query |= is_path && c == '?';
    if (in_query ? kind_of(c) == ByteKind::kHard : is_separator(at_)) break;
    const bool after_alnum = at_ > input_begin && is_alnum(input_[at_ - 1]);
    const bool is_sign = (c == '-' || c == '+') && !after_alnum && at_ + 1 < input_.size() &&
                         is_digit(input_[at_ + 1]);
    if (!is_sign) out_.text += c;
    traits.has_letter |= static_cast<unsigned char>(c) >= 0x80;
    ++at_;
  }
  finish_word(begin, input_begin, traits);
}

void LineTokenizer::finish_word(std::size_t begin, std::size_t input_begin, WordTraits traits) {
  const std::string_view source = input_.substr(input_begin, at_ - input_begin);
  if (source.find('\0') != std::string_view::npos || !is_utf8(source)) {
    out_.text.resize(begin);
    out_.text += kVariableByte;
  }
  finish_token(begin, true);
  const std::string_view word = std::string_view(out_.text).substr(begin);
  traits.is_structural = is_level_name(word);
  traits.is_calendar = is_calendar_name(word);
  traits_.push_back(traits);
  ++words_;
}

void LineTokenizer::finish_token(std::size_t begin, bool is_word) {
  const std::string_view text = std::string_view(out_.text).substr(begin);
  const bool is_variable = is_word && text.size() == 1 && text[0] == kVariableByte;
  out_.tokens.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(text.size()),
                         hash64(text), is_word, is_variable});
}

void LineTokenizer::replace_rest() {
  at_ = input_.size();
  const std::size_t begin = out_.text.size();
  out_.text += kVariableByte;
  finish_token(begin, true);
  traits_.push_back({.has_digit = true});
}

void LineTokenizer::mark_keys() {
  for (std::size_t i = 1; i < out_.tokens.size(); ++i) {
    const Token& token = out_.tokens[i];
    if (token.is_word || !out_.tokens[i - 1].is_word || traits_[i - 1].has_digit) continue;
    const std::string_view text = std::string_view(out_.text).substr(token.begin, token.size);
    // key=value, "key":"value", and the same in a JSON string within a string.
    if (text.starts_with('=') || text.starts_with("\":") || text.starts_with("\\\":") ||
        text.starts_with("':")) {
      traits_[i - 1].is_structural = true;
    }
  }
}

std::size_t LineTokenizer::header_size() const {
  // Names of hosts and programs; with more words than that it is a sentence with a colon.
  constexpr std::size_t kMaxHeaderNames = 3;
  std::size_t names = 0;
  bool has_time = false;
  for (std::size_t i = 0; i < out_.tokens.size(); ++i) {
    const Token& token = out_.tokens[i];
    if (token.is_word) {
      const bool is_time = token.is_variable || traits_[i].is_calendar;
      has_time |= is_time;
      if (!has_time) return 0;  // only what starts with a time is a header
      if (!is_time && !traits_[i].is_structural && ++names > kMaxHeaderNames) return 0;
      continue;
    }
    const std::string_view text = std::string_view(out_.text).substr(token.begin, token.size);
    if (has_time && text.find(": ") != std::string_view::npos) return i + 1;
  }
  return 0;
}

void LineTokenizer::describe() {
  const std::size_t header = header_size();
  out_.signature.clear();
  out_.telling_words = 0;
  out_.shape = 0;
  out_.route = 0;
  // The last name of the header is the program or class that speaks: "sshd" in "sshd[24200]: ".
  std::uint64_t speaker = 0;
  for (std::size_t i = 0; i < out_.tokens.size(); ++i) {
    const Token& token = out_.tokens[i];
    const WordTraits& traits = traits_[i];
    std::uint64_t signature = 0;
    if (!token.is_word) {
      out_.shape = separator_shape(std::string_view(out_.text).substr(token.begin, token.size),
                                   mix(out_.shape, 1));
    } else if (traits.is_structural) {
      out_.shape = mix(out_.shape, token.hash);
    } else {
      out_.shape = mix(out_.shape, 2);
      if (traits.has_letter && !token.is_variable && !traits.is_calendar) {
        if (i < header) {
          if (!traits.has_digit) speaker = token.hash;
        } else {
          signature = std::max<std::uint64_t>(token.hash, 2);
          ++out_.telling_words;
          // As in the paper, a word with digits is no branch: it is likely to vary.
          if (out_.route == 0 && !traits.has_digit) out_.route = mix(token.hash, i + 1);
        }
      }
    }
    out_.signature.push_back(signature);
  }
  out_.route = mix(out_.route, speaker);
}

}  // namespace livedata::query::patterns
