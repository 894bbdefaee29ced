#include "ingest/level/level_detection.h"

#include <algorithm>
#include <array>
#include <string>

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

/// The value behind a level key such as `"level":"` or `level=`.
std::string_view level_behind_key(std::string_view line) {
  const std::string_view head = line.substr(0, kKeyPrefix);
  const bool json = line.front() == '{';
  for (const std::string_view key :
       {std::string_view("level"), std::string_view("severity"), std::string_view("lvl")}) {
    for (std::size_t at = head.find(key); at != std::string_view::npos;
         at = head.find(key, at + 1)) {
      std::string_view rest = head.substr(at + key.size());
      const char before = at == 0 ? ' ' : head[at - 1];
      const auto skip = [&rest](char c) {
        if (rest.starts_with(c)) rest.remove_prefix(1);
      };
      if (json ? before != '"' || !rest.starts_with('"') : before != ' ' || !rest.starts_with('='))
        continue;
      if (json) {
        skip('"');
        skip(' ');
        if (!rest.starts_with(':')) continue;
        skip(':');
        skip(' ');
        skip('"');
      } else {
        skip('=');
        skip('"');
      }
      if (const std::string_view level = normalized_level(leading_word(rest)); !level.empty())
        return level;
    }
  }
  return {};
}

std::string_view first_level_word(std::string_view line) {
  const std::string_view head = line.substr(0, kWordPrefix);
  for (std::size_t at = 0; at < head.size();) {
    if (!is_letter(head[at])) {
      ++at;
      continue;
    }
    const std::string_view word = leading_word(head.substr(at));
    if (const std::string_view level = normalized_level(word); !level.empty()) return level;
    at += word.size();
  }
  return {};
}

}  // namespace

std::string_view normalized_level(std::string_view word) {
  if (word.size() < 3 || word.size() > kLongestSpelling) return {};
  for (const Spelling& spelling : kSpellings) {
    if (lower(word.front()) == spelling.word.front() && equals_ignoring_case(word, spelling.word))
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
