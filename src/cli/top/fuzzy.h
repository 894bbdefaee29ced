#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace livedata::cli::top {

/// How well the letters of a pattern are found in a text.
struct FuzzyMatch {
  /// A match of letters that stand together is better than one of letters that are apart.
  enum Quality : std::uint8_t { kApart, kTogether, kWordStart };

  int score = 0;
  Quality quality = kApart;
  std::vector<std::size_t> places;  ///< bytes of the text that matched, ascending
};

/// The best place of a pattern in a text, as fzf looks for it: its letters in their order, with
/// others in between; better at the starts of words, and where they stand together. Small letters
/// of the pattern stand for both cases. Nothing: they are not there, or too far apart to be meant.
/// Bytes are compared, so characters beyond ASCII have one case. Looks at the first kMaxText bytes.
std::optional<FuzzyMatch> fuzzy_match(std::string_view pattern, std::string_view text);

constexpr std::size_t kMaxFuzzyText = 512;
constexpr std::size_t kMaxFuzzyPattern = 64;

/// What a user types to choose rows: words that must all match, each in any of a row's texts.
/// `'word` must stand in the text as it is; `!word` must not.
class Filter {
 public:
  Filter() = default;
  explicit Filter(std::string_view typed);
  [[nodiscard]] bool empty() const { return words_.empty(); }

  struct Outcome {
    FuzzyMatch::Quality quality = FuzzyMatch::kWordStart;  ///< of the word that matched worst
    int score = 0;
    std::vector<std::vector<std::size_t>> places;  ///< for each text
  };
  /// Nothing: the texts are not chosen.
  [[nodiscard]] std::optional<Outcome> match(const std::vector<std::string_view>& texts) const;

 private:
  enum class Kind : std::uint8_t { kFuzzy, kExact, kNot };
  struct Word {
    Kind kind = Kind::kFuzzy;
    std::string text;
  };
  std::vector<Word> words_;
};

}  // namespace livedata::cli::top
