#include "ingest/level/level_detection.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace livedata::ingest {
namespace {

struct Spelling {
  std::string_view word;
  std::string_view level;
};

constexpr std::array kSpellings = {
    Spelling{"info", "info"},          Spelling{"error", "error"},
    Spelling{"warn", "warn"},          Spelling{"debug", "debug"},
    Spelling{"warning", "warn"},       Spelling{"err", "error"},
    Spelling{"trace", "trace"},        Spelling{"fatal", "fatal"},
    Spelling{"critical", "critical"},  Spelling{"crit", "critical"},
    Spelling{"notice", "info"},        Spelling{"information", "info"},
    Spelling{"informational", "info"}, Spelling{"panic", "fatal"},
    Spelling{"emerg", "fatal"},        Spelling{"emergency", "fatal"},
    Spelling{"alert", "critical"},     Spelling{"severe", "error"},
    Spelling{"wrn", "warn"},           Spelling{"inf", "info"},
    Spelling{"dbg", "debug"},
};
constexpr std::size_t kShortestSpelling = 3;
constexpr std::size_t kLongestSpelling = 13;

constexpr std::array<std::string_view, 6> kLevelNames = {"level", "severity",      "detected_level",
                                                         "lvl",   "severity_text", "loglevel"};

// How much of a line is looked at: levels stand near the start.
constexpr std::size_t kKeyPrefix = 512;
constexpr std::size_t kWordPrefix = 160;

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

bool is_level_name(std::string_view name) {
  return std::any_of(kLevelNames.begin(), kLevelNames.end(),
                     [&](std::string_view n) { return equals_ignoring_case(name, n); });
}

std::string_view leading_word(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && is_letter(text[size])) ++size;
  return text.substr(0, size);
}

/// 1 to 26 for letters of either case, and something below 32 for all else.
constexpr unsigned letter_number(char c) { return static_cast<unsigned char>(c) & 31U; }

/// For each first letter the second letters of spellings, as bits: most words need no other look.
constexpr std::array<std::uint32_t, 32> kSecondLetters = [] {
  std::array<std::uint32_t, 32> out{};
  for (const Spelling& spelling : kSpellings)
    out[letter_number(spelling.word[0])] |= 1U << letter_number(spelling.word[1]);
  return out;
}();

constexpr bool may_begin_spelling(char first, char second) {
  return (kSecondLetters[letter_number(first)] >> letter_number(second) & 1U) != 0;
}

struct Key {
  std::string_view text;
  std::size_t letter;  // where its kKeyLetter stands
};
// A letter that every key has and few other words.
constexpr char kKeyLetter = 'v';
constexpr std::array kKeys = {Key{"level", 2}, Key{"severity", 2}, Key{"lvl", 1}};  // best first

/// Whether a key of this kind stands around the letter at `v`.
constexpr bool has_key(std::string_view head, std::size_t v, const Key& key) {
  // Most words with the letter differ beside it already.
  return v >= key.letter && v + 1 < head.size() && head[v - 1] == key.text[key.letter - 1] &&
         head[v + 1] == key.text[key.letter + 1] &&
         head.substr(v - key.letter).starts_with(key.text);
}

/// What stands behind a key of JSON, or of logfmt, at `at`; nothing if it is not one.
std::optional<std::string_view> value_behind(std::string_view head, std::size_t at,
                                             std::size_t key_size, bool json) {
  std::string_view rest = head.substr(at + key_size);
  const char before = at == 0 ? ' ' : head[at - 1];
  const auto skip = [&rest](char c) {
    if (!rest.starts_with(c)) return false;
    rest.remove_prefix(1);
    return true;
  };
  if (before != (json ? '"' : ' ') || !skip(json ? '"' : '=')) return std::nullopt;
  if (json) {
    skip(' ');
    if (!skip(':')) return std::nullopt;
    skip(' ');
  }
  skip('"');
  return rest;
}

/// The value behind a level key such as `"level":"` or `level=`.
std::string_view level_behind_key(std::string_view line) {
  const std::string_view head = line.substr(0, kKeyPrefix);
  const bool json = line.front() == '{';
  std::array<std::string_view, kKeys.size()> found{};
  for (std::size_t v = head.find(kKeyLetter); v != std::string_view::npos;
       v = head.find(kKeyLetter, v + 1)) {
    for (std::size_t i = 0; i < kKeys.size(); ++i) {
      if (!found[i].empty() || !has_key(head, v, kKeys[i])) continue;
      const auto value = value_behind(head, v - kKeys[i].letter, kKeys[i].text.size(), json);
      if (value) found[i] = normalized_level(leading_word(*value));
    }
    if (!found[0].empty()) return found[0];
  }
  return found[1].empty() ? found[2] : found[1];
}

constexpr std::size_t kBlock = 64;
constexpr std::uint64_t kLastBit = std::uint64_t{1} << (kBlock - 1);

/// Which of 64 bytes are letters: bit i for byte i.
#if defined(__SSE2__)
std::uint64_t letters_of(const char* bytes) {
  constexpr std::size_t kLane = 16;
  std::uint64_t letters = 0;
  for (std::size_t i = 0; i < kBlock; i += kLane) {
    const __m128i lane =
        _mm_or_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + i)),  // NOLINT
                     _mm_set1_epi8(0x20));
    // Signed comparisons: bytes from 0x80 on are negative, and no letters.
    const __m128i is_letter = _mm_and_si128(_mm_cmpgt_epi8(lane, _mm_set1_epi8('a' - 1)),
                                            _mm_cmplt_epi8(lane, _mm_set1_epi8('z' + 1)));
    letters |= std::uint64_t{static_cast<unsigned>(_mm_movemask_epi8(is_letter))} << i;
  }
  return letters;
}
#else
std::uint64_t letters_of(const char* bytes) {
  std::uint64_t letters = 0;
  for (std::size_t i = 0; i < kBlock; ++i) letters |= std::uint64_t{is_letter(bytes[i])} << i;
  return letters;
}
#endif

/// The same of a text's first bytes; what is behind its end is none.
std::uint64_t leading_letters(std::string_view text) {
  if (text.size() >= kBlock) return letters_of(text.data());
  std::array<char, kBlock> block{};
  std::memcpy(block.data(), text.data(), text.size());
  return letters_of(block.data());
}

std::string_view first_level_word(std::string_view line) {
  const std::string_view head = line.substr(0, kWordPrefix);
  std::uint64_t last_letter = 0;  // of the block before
  for (std::size_t base = 0; base < head.size(); base += kBlock) {
    const std::uint64_t letters = leading_letters(head.substr(base));
    std::uint64_t starts = letters & ~(letters << 1U | last_letter);
    // Words of one or two letters are no levels. Where the block ends it can't tell.
    starts &= (letters >> 1U | kLastBit) & (letters >> 2U | kLastBit | kLastBit >> 1U);
    last_letter = letters >> (kBlock - 1);
    for (; starts != 0; starts &= starts - 1) {
      const std::string_view rest =
          head.substr(base + static_cast<std::size_t>(std::countr_zero(starts)));
      if (rest.size() < kShortestSpelling || !may_begin_spelling(rest[0], rest[1])) continue;
      const std::string_view level = normalized_level(leading_word(rest));
      if (!level.empty()) return level;
    }
  }
  return {};
}

}  // namespace

std::string_view normalized_level(std::string_view word) {
  if (word.size() < kShortestSpelling || word.size() > kLongestSpelling) return {};
  if (!may_begin_spelling(word[0], word[1])) return {};
  for (const Spelling& spelling : kSpellings) {
    // Few spellings share length and first letter.
    if (spelling.word.size() == word.size() &&
        letter_number(spelling.word[0]) == letter_number(word[0]) &&
        equals_ignoring_case(word, spelling.word))
      return spelling.level;
  }
  return {};
}

std::string_view level_of(const Labels& labels) {
  for (const Label& label : labels) {
    if (!is_level_name(label.name)) continue;
    if (const std::string_view level = normalized_level(label.value); !level.empty()) return level;
  }
  return {};
}

std::string_view level_of(std::span<const Field> fields) {
  for (const Field& field : fields) {
    const auto* text = std::get_if<std::string_view>(&field.value);
    if (text == nullptr || !is_level_name(field.name)) continue;
    if (const std::string_view level = normalized_level(*text); !level.empty()) return level;
  }
  return {};
}

std::string_view detect_level(std::string_view line) {
  if (line.empty()) return "unknown";
  if (const std::string_view level = level_behind_key(line); !level.empty()) return level;
  const std::string_view level = first_level_word(line);
  return level.empty() ? "unknown" : level;
}

}  // namespace livedata::ingest
