#include "cli/top/key_steps.h"

#include <algorithm>

#include "cli/terminal/character.h"

namespace livedata::cli::top {
namespace {

using terminal::Key;
using terminal::KeyKind;

constexpr std::size_t kMaxTyped = 200;

}  // namespace

void say(Model& model, std::string text, bool bad) {
  model.message = std::move(text);
  model.message_is_bad = bad;
}

bool type(std::string& text, const Key& key) {
  if (key.kind == KeyKind::kCharacter) {
    if (text.size() < kMaxTyped) terminal::append_utf8(key.code, text);
    return true;
  }
  if (key.kind == KeyKind::kBackspace) {
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U)
      text.pop_back();
    if (!text.empty()) text.pop_back();
    return true;
  }
  if (key.kind == KeyKind::kControl && key.code == 'u') {
    text.clear();
    return true;
  }
  if (key.kind == KeyKind::kControl && key.code == 'w') {
    text.erase(text.find_last_not_of(' ') + 1);
    text.erase(text.find_last_of(' ') + 1);
    return true;
  }
  return false;
}

std::size_t moved(std::size_t from, std::ptrdiff_t by) {
  const auto to = static_cast<std::ptrdiff_t>(from) + by;
  return static_cast<std::size_t>(std::max<std::ptrdiff_t>(to, 0));
}

std::optional<std::ptrdiff_t> step_of(const Key& key, int page) {
  constexpr std::ptrdiff_t kFar = 1'000'000'000;
  switch (key.kind) {
    case KeyKind::kUp:
      return -1;
    case KeyKind::kDown:
      return 1;
    case KeyKind::kPageUp:
      return -std::max(page - 1, 1);
    case KeyKind::kPageDown:
      return std::max(page - 1, 1);
    case KeyKind::kHome:
      return -kFar;
    case KeyKind::kEnd:
      return kFar;
    case KeyKind::kControl:
      if (key.code == 'p') return -1;
      if (key.code == 'n') return 1;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace livedata::cli::top
