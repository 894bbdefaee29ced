#include "query/plan/ansi.h"

namespace livedata::query::plan {
namespace {

constexpr char kEscape = '\x1B';

/// Length of the sequence that begins with the escape character at the start; 1 for a lone one.
std::size_t sequence_length(std::string_view text) {
  if (text.size() < 2) return 1;
  if (text[1] == '[') {  // parameters and intermediates 0x20..0x3F, then a final byte 0x40..0x7E
    std::size_t i = 2;
    while (i < text.size() && text[i] >= 0x20 && text[i] <= 0x3F) ++i;
    return i < text.size() && text[i] >= 0x40 && text[i] <= 0x7E ? i + 1 : i;
  }
  if (text[1] == ']') {  // up to BEL, or to the string terminator ESC backslash
    for (std::size_t i = 2; i < text.size(); ++i) {
      if (text[i] == '\a') return i + 1;
      if (text[i] == kEscape) return i + 1 < text.size() && text[i + 1] == '\\' ? i + 2 : i;
    }
    return text.size();
  }
  return 2;
}

}  // namespace

std::string without_ansi_sequences(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find(kEscape), text.size());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (!text.empty()) text.remove_prefix(sequence_length(text));
  }
  return out;
}

}  // namespace livedata::query::plan
