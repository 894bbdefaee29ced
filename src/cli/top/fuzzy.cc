#include "cli/top/fuzzy.h"

#include <algorithm>

namespace livedata::cli::top {
namespace {

// The proportions are those of fzf: a gap costs less than a letter gives, and a letter at the start
// of a word makes up for a gap before it.
constexpr int kLetter = 16;
constexpr int kGapStart = -3;
constexpr int kGapMore = -1;
constexpr int kWordStartBonus = 8;
constexpr int kCamelBonus = 7;
constexpr int kTogetherBonus = 5;
/// Less than this for each letter: they are there by chance.
constexpr int kLeastForLetter = 13;
constexpr int kNone = INT32_MIN / 2;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || is_upper(c) || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool same(char pattern, char text) {
  return is_upper(pattern) ? pattern == text : pattern == lower(text);
}

bool starts_word(std::string_view text, std::size_t i) {
  return is_alnum(text[i]) && (i == 0 || !is_alnum(text[i - 1]));
}

int place_bonus(std::string_view text, std::size_t i) {
  if (starts_word(text, i)) return kWordStartBonus;
  if (i > 0 && is_upper(text[i]) && !is_upper(text[i - 1])) return kCamelBonus;
  return 0;
}

bool is_subsequence(std::string_view pattern, std::string_view text) {
  std::size_t found = 0;
  for (const char c : text) {
    if (found < pattern.size() && same(pattern[found], c)) ++found;
  }
  return found == pattern.size();
}

/// Where a pattern stands in a text as a whole; the start of a word is preferred.
std::optional<std::size_t> find_together(std::string_view pattern, std::string_view text) {
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i + pattern.size() <= text.size(); ++i) {
    if (!std::equal(pattern.begin(), pattern.end(), text.begin() + static_cast<std::ptrdiff_t>(i),
                    same))
      continue;
    if (starts_word(text, i)) return i;
    if (!first) first = i;
  }
  return first;
}

FuzzyMatch match_together(std::string_view text, std::size_t at, std::size_t size) {
  FuzzyMatch match;
  match.quality = starts_word(text, at) ? FuzzyMatch::kWordStart : FuzzyMatch::kTogether;
  for (std::size_t i = at; i < at + size; ++i) match.places.push_back(i);
  // All of them have a share in the bonus of the first one.
  const int bonus = place_bonus(text, at);
  match.score = static_cast<int>(size) * (kLetter + std::max(kTogetherBonus, bonus)) + bonus;
  return match;
}

/// The best scores of a pattern's starts that end at each byte of a text, and where the letter
/// before stands.
class Alignment {
 public:
  Alignment(std::string_view pattern, std::string_view text) : pattern_(pattern), text_(text) {
    const std::size_t cells = pattern.size() * text.size();
    score_.assign(cells, kNone);
    before_.assign(cells, 0);
    for (std::size_t letter = 0; letter < pattern.size(); ++letter) fill(letter);
  }

  [[nodiscard]] std::optional<FuzzyMatch> best() const {
    const std::size_t last = pattern_.size() - 1;
    std::size_t end = 0;
    for (std::size_t i = 1; i < text_.size(); ++i) {
      if (score_[at(last, i)] > score_[at(last, end)]) end = i;
    }
    FuzzyMatch match;
    match.score = score_[at(last, end)];
    if (match.score < kLeastForLetter * static_cast<int>(pattern_.size())) return std::nullopt;
    match.places.resize(pattern_.size());
    for (std::size_t letter = pattern_.size(); letter-- > 0;) {
      match.places[letter] = end;
      end = before_[at(letter, end)];
    }
    return match;
  }

 private:
  [[nodiscard]] std::size_t at(std::size_t letter, std::size_t i) const {
    return letter * text_.size() + i;
  }

  void fill(std::size_t letter) {
    int gap_score = kNone;  // of the best start that ends before i - 1, less the gap since
    std::size_t gap_from = 0;
    for (std::size_t i = letter; i < text_.size(); ++i) {
      if (letter > 0 && i >= 2) {
        const int begun = score_[at(letter - 1, i - 2)] + kGapStart;
        gap_score += kGapMore;
        if (begun > gap_score) {
          gap_score = begun;
          gap_from = i - 2;
        }
      }
      if (!same(pattern_[letter], text_[i])) continue;
      const int own = kLetter + place_bonus(text_, i);
      if (letter == 0) {
        score_[at(0, i)] = own + place_bonus(text_, i);  // the first letter counts most
        continue;
      }
      const int together = i > 0 ? score_[at(letter - 1, i - 1)] + kTogetherBonus : kNone;
      const bool is_together = together >= gap_score;
      const int best = is_together ? together : gap_score;
      if (best <= kNone / 2) continue;
      score_[at(letter, i)] = own + best;
      before_[at(letter, i)] = static_cast<std::uint16_t>(is_together ? i - 1 : gap_from);
    }
  }

  std::string_view pattern_;
  std::string_view text_;
  std::vector<int> score_;
  std::vector<std::uint16_t> before_;
};

}  // namespace

std::optional<FuzzyMatch> fuzzy_match(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return FuzzyMatch{};
  text = text.substr(0, kMaxFuzzyText);
  if (pattern.size() > std::min(text.size(), kMaxFuzzyPattern)) return std::nullopt;
  if (const auto at = find_together(pattern, text))
    return match_together(text, *at, pattern.size());
  if (!is_subsequence(pattern, text)) return std::nullopt;
  return Alignment(pattern, text).best();
}

Filter::Filter(std::string_view typed) {
  while (!typed.empty()) {
    const std::size_t end = std::min(typed.find(' '), typed.size());
    std::string_view text = typed.substr(0, end);
    typed.remove_prefix(std::min(end + 1, typed.size()));
    Word word;
    if (text.starts_with('!') || text.starts_with('\'')) {
      word.kind = text.front() == '!' ? Kind::kNot : Kind::kExact;
      text.remove_prefix(1);
    }
    if (text.empty()) continue;
    word.text = text;
    words_.push_back(std::move(word));
  }
}

std::optional<Filter::Outcome> Filter::match(const std::vector<std::string_view>& texts) const {
  Outcome outcome;
  outcome.places.resize(texts.size());
  for (const Word& word : words_) {
    const bool must_stand_together = word.kind != Kind::kFuzzy;
    bool found = false;
    FuzzyMatch best;
    std::size_t best_text = 0;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      auto match = fuzzy_match(word.text, texts[i]);
      if (!match || (must_stand_together && match->quality == FuzzyMatch::kApart)) continue;
      const bool is_better = !found || match->quality > best.quality ||
                             (match->quality == best.quality && match->score > best.score);
      if (!is_better) continue;
      found = true;
      best = *std::move(match);
      best_text = i;
    }
    if (found == (word.kind == Kind::kNot)) return std::nullopt;
    if (!found) continue;
    outcome.quality = std::min(outcome.quality, best.quality);
    outcome.score += best.score;
    std::vector<std::size_t>& places = outcome.places[best_text];
    places.insert(places.end(), best.places.begin(), best.places.end());
    std::sort(places.begin(), places.end());
  }
  return outcome;
}

}  // namespace livedata::cli::top
