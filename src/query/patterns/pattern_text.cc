#include "query/patterns/pattern_text.h"

#include <utility>

namespace livedata::query::patterns {
namespace {

constexpr std::string_view kVariable = "<_>";

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Length of the capture at the start of text, such as <name>; 0 if there is none.
std::size_t capture_length(std::string_view text) {
  if (text.size() < 3 || text[0] != '<' || (text[1] >= '0' && text[1] <= '9')) return 0;
  std::size_t end = 1;
  while (end < text.size() && is_name_byte(text[end])) ++end;
  return end > 1 && end < text.size() && text[end] == '>' ? end + 1 : 0;
}

}  // namespace

void PatternText::variable() {
  write_pending();
  write_variable();
}

std::string PatternText::take() {
  write_pending();
  after_variable_ = false;
  return std::exchange(out_, std::string());
}

void PatternText::write_pending() {
  std::string_view rest = pending_;
  std::size_t at = 0;
  while ((at = rest.find('<', at)) != std::string_view::npos) {
    const std::size_t length = capture_length(rest.substr(at));
    if (length == 0) {
      ++at;
      continue;
    }
    write_literal(rest.substr(0, at));
    write_variable();
    rest.remove_prefix(at + length);
    at = 0;
  }
  write_literal(rest);
  pending_.clear();
}

void PatternText::write_literal(std::string_view text) {
  if (text.empty()) return;
  out_ += text;
  after_variable_ = false;
}

void PatternText::write_variable() {
  if (after_variable_) return;
  // "<_>" and blanks before the place: the variable that is there covers the blanks as well.
  const std::size_t last = out_.find_last_not_of(" \t");
  if (last != std::string::npos && out_.size() > last + 1 &&
      std::string_view(out_).substr(0, last + 1).ends_with(kVariable)) {
    out_.resize(last + 1);
  } else {
    out_ += kVariable;
  }
  after_variable_ = true;
}

}  // namespace livedata::query::patterns
