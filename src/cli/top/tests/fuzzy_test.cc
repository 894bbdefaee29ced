#include "cli/top/fuzzy.h"

#include <random>

#include <gtest/gtest.h>

namespace livedata::cli::top {
namespace {

using Places = std::vector<std::size_t>;

int score(std::string_view pattern, std::string_view text) {
  const auto match = fuzzy_match(pattern, text);
  return match ? match->score : -1;
}

TEST(FuzzyMatch, LettersInTheirOrder) {
  const auto match = fuzzy_match("ngx", "nginx");
  ASSERT_TRUE(match);
  EXPECT_EQ(match->places, (Places{0, 1, 4}));
  EXPECT_FALSE(fuzzy_match("xgn", "nginx"));
  EXPECT_FALSE(fuzzy_match("nginxx", "nginx"));
  EXPECT_TRUE(fuzzy_match("", "nginx"));
  EXPECT_FALSE(fuzzy_match("a", ""));
}

TEST(FuzzyMatch, SmallLettersStandForBothCases) {
  EXPECT_TRUE(fuzzy_match("xorg", "/usr/lib/Xorg"));
  EXPECT_TRUE(fuzzy_match("Xorg", "/usr/lib/Xorg"));
  EXPECT_FALSE(fuzzy_match("XORG", "/usr/lib/Xorg"));
}

TEST(FuzzyMatch, TogetherIsFoundFirstAndAtAWordIfItCanBe) {
  EXPECT_EQ(fuzzy_match("ssh", "/opt/xssh/ssh -D")->places, (Places{10, 11, 12}));
  EXPECT_EQ(fuzzy_match("ssh", "sxsh ssh")->quality, FuzzyMatch::kWordStart);
  EXPECT_EQ(fuzzy_match("gin", "nginx")->quality, FuzzyMatch::kTogether);
  EXPECT_EQ(fuzzy_match("ngx", "nginx")->quality, FuzzyMatch::kApart);
}

TEST(FuzzyMatch, StartsOfWordsAreBetter) {
  EXPECT_EQ(fuzzy_match("pw", "pipewire-wireplumber")->places.size(), 2U);
  EXPECT_GT(score("sd", "some-daemon"), score("sd", "soxxdaemon"));
  EXPECT_GT(score("kd", "kubeDaemon"), score("kd", "kubedaemon"));
  EXPECT_EQ(fuzzy_match("pgw", "page postgres: writer")->places, (Places{5, 9, 15}));
}

TEST(FuzzyMatch, RunsAreBetterThanGaps) {
  EXPECT_GT(score("post", "postgres"), score("post", "p_o_s_t"));
  EXPECT_GT(score("gres", "postgres"), score("pgrs", "postgres"));
  EXPECT_GT(score("abc", "xaxbcx"), score("abc", "xaxbxcx"));
}

TEST(FuzzyMatch, LettersByChanceAreNoMatch) {
  EXPECT_FALSE(fuzzy_match("ngx", "consider others, against all expectations"));
  EXPECT_FALSE(fuzzy_match("abc", "xa-------------------xb-------------------xc"));
}

TEST(FuzzyMatch, PlacesAscendAndHoldThePattern) {
  std::mt19937 random(5);
  for (int round = 0; round < 5000; ++round) {
    std::string pattern(1 + random() % 5, ' ');
    std::string text(random() % 40, ' ');
    for (char& c : pattern) c = "abc"[random() % 3];
    for (char& c : text) c = "abcABC-/ "[random() % 9];
    const auto match = fuzzy_match(pattern, text);
    if (!match) continue;
    ASSERT_EQ(match->places.size(), pattern.size());
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      ASSERT_LT(match->places[i], text.size());
      ASSERT_EQ(text[match->places[i]] | 0x20, pattern[i]);
      if (i > 0) {
        ASSERT_LT(match->places[i - 1], match->places[i]);
      }
    }
  }
}

TEST(FuzzyMatch, LongTextsAreBounded) {
  const std::string text(100'000, 'a');
  EXPECT_TRUE(fuzzy_match("aaa", text));
  EXPECT_FALSE(fuzzy_match(std::string(100'000, 'a'), text));
  EXPECT_FALSE(fuzzy_match("b", std::string(kMaxFuzzyText, 'a') + "b"));
}

TEST(Filter, AllWordsMustMatchEachInAnyText) {
  const std::vector<std::string_view> texts = {"nginx", "nginx: worker process", "www-data"};
  EXPECT_TRUE(Filter("").match(texts));
  EXPECT_TRUE(Filter("  ").empty());
  EXPECT_TRUE(Filter("worker www").match(texts));
  EXPECT_FALSE(Filter("worker root").match(texts));
  const auto outcome = Filter("wrk www").match(texts);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->places[1], (Places{7, 9, 10}));
  EXPECT_EQ(outcome->places[2], (Places{0, 1, 2}));
  EXPECT_EQ(outcome->quality, FuzzyMatch::kApart);
}

TEST(Filter, ExactAndNot) {
  const std::vector<std::string_view> texts = {"nginx"};
  EXPECT_TRUE(Filter("'gin").match(texts));
  EXPECT_FALSE(Filter("'ngx").match(texts));
  EXPECT_FALSE(Filter("!gin").match(texts));
  EXPECT_TRUE(Filter("!ngx").match(texts));
  EXPECT_TRUE(Filter("! '").match(texts));
}

}  // namespace
}  // namespace livedata::cli::top
