#include <array>

#include "ingest/pipeline/time/format.h"

namespace livedata::ingest::pipeline {
namespace {

using Part = TimeFormat::Part;
using Token = TimeFormat::Token;

struct Letter {
  char letter;
  Part part;
};
constexpr std::array kLetters = {
    Letter{'Y', Part::kYear},         Letter{'y', Part::kShortYear},
    Letter{'m', Part::kMonth},        Letter{'b', Part::kMonthName},
    Letter{'B', Part::kMonthName},    Letter{'h', Part::kMonthName},
    Letter{'d', Part::kDay},          Letter{'e', Part::kDay},
    Letter{'j', Part::kDayOfYear},    Letter{'a', Part::kWeekdayName},
    Letter{'A', Part::kWeekdayName},  Letter{'H', Part::kHour},
    Letter{'k', Part::kHour},         Letter{'I', Part::kHour12},
    Letter{'l', Part::kHour12},       Letter{'p', Part::kHalf},
    Letter{'P', Part::kHalf},         Letter{'M', Part::kMinute},
    Letter{'S', Part::kSecond},       Letter{'f', Part::kFraction},
    Letter{'L', Part::kFraction},     Letter{'N', Part::kFraction},
    Letter{'z', Part::kOffset},       Letter{'Z', Part::kZoneName},
    Letter{'s', Part::kEpochSeconds}, Letter{'n', Part::kSpace},
    Letter{'t', Part::kSpace},
};

/// Directives that stand for others.
std::string_view meaning_of(char letter) {
  switch (letter) {
    case 'T':
      return "%H:%M:%S";
    case 'R':
      return "%H:%M";
    case 'F':
      return "%Y-%m-%d";
    case 'D':
      return "%m/%d/%y";
    case 'r':
      return "%I:%M:%S %p";
    case 'c':
      return "%a %b %e %H:%M:%S %Y";
    default:
      return {};
  }
}

/// How parts of Go's reference time, Mon Jan 2 15:04:05 -0700 MST 2006, are written; where one is
/// the beginning of another, the longer one first.
struct GoPart {
  std::string_view text;
  Part part;
};
constexpr std::array kGoParts = {
    GoPart{"January", Part::kMonthName},
    GoPart{"Jan", Part::kMonthName},
    GoPart{"Monday", Part::kWeekdayName},
    GoPart{"Mon", Part::kWeekdayName},
    GoPart{"MST", Part::kZoneName},
    GoPart{"2006", Part::kYear},
    GoPart{"-07:00", Part::kOffset},
    GoPart{"-0700", Part::kOffset},
    GoPart{"-07", Part::kOffset},
    GoPart{"Z07:00", Part::kOffset},
    GoPart{"Z0700", Part::kOffset},
    GoPart{"002", Part::kDayOfYear},
    GoPart{"01", Part::kMonth},
    GoPart{"02", Part::kDay},
    GoPart{"03", Part::kHour12},
    GoPart{"04", Part::kMinute},
    GoPart{"05", Part::kSecond},
    GoPart{"06", Part::kShortYear},
    GoPart{"15", Part::kHour},
    GoPart{"_2", Part::kDay},
    GoPart{"PM", Part::kHalf},
    GoPart{"pm", Part::kHalf},
    GoPart{"1", Part::kMonth},
    GoPart{"2", Part::kDay},
    GoPart{"3", Part::kHour12},
    GoPart{"4", Part::kMinute},
    GoPart{"5", Part::kSecond},
};

Token literal(char c) { return c == ' ' ? Token{Part::kSpace, c} : Token{Part::kLiteral, c}; }

}  // namespace

Result<std::vector<Token>> parse_strptime(std::string_view format) {
  std::vector<Token> tokens;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      tokens.push_back(literal(format[i]));
      continue;
    }
    const char letter = ++i < format.size() ? format[i] : '\0';
    if (letter == '%') {
      tokens.push_back(literal('%'));
      continue;
    }
    if (const std::string_view meaning = meaning_of(letter); !meaning.empty()) {
      LIVEDATA_TRY(const std::vector<Token> parts, parse_strptime(meaning));
      tokens.insert(tokens.end(), parts.begin(), parts.end());
      continue;
    }
    bool found = false;
    for (const Letter& known : kLetters) {
      if (known.letter != letter) continue;
      tokens.push_back({known.part, '\0'});
      found = true;
    }
    if (!found) {
      return fail(ErrorCode::kInvalidArgument,
                  "the time format '{}' has a '%{}', which is not known; expected such as "
                  "'%Y-%m-%d %H:%M:%S.%f %z'",
                  format, letter == '\0' ? ' ' : letter);
    }
  }
  return tokens;
}

std::vector<Token> parse_go_layout(std::string_view layout) {
  std::vector<Token> tokens;
  while (!layout.empty()) {
    // .000 or ,999: a fraction
    const std::size_t zeros = layout.size() > 1 && (layout[0] == '.' || layout[0] == ',')
                                  ? std::min(layout.find_first_not_of(layout[1], 1), layout.size())
                                  : 0;
    if (zeros > 1 && (layout[1] == '0' || layout[1] == '9')) {
      tokens.push_back({Part::kMaybeFraction, '\0'});
      layout.remove_prefix(zeros);
      continue;
    }
    bool found = false;
    for (const GoPart& known : kGoParts) {
      if (!layout.starts_with(known.text)) continue;
      tokens.push_back({known.part, '\0'});
      // A fraction behind the seconds is read even if the layout shows none.
      if (known.part == Part::kSecond) tokens.push_back({Part::kMaybeFraction, '\0'});
      layout.remove_prefix(known.text.size());
      found = true;
      break;
    }
    if (found) continue;
    tokens.push_back(literal(layout.front()));
    layout.remove_prefix(1);
  }
  return tokens;
}

}  // namespace livedata::ingest::pipeline
