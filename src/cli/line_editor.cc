#include "cli/line_editor.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.h"

namespace livedata::cli {
namespace {

constexpr std::size_t kMaxHistory = 1000;
constexpr std::size_t kMaxShownWords = 40;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

constexpr char control_key(char letter) { return static_cast<char>(letter & 0x1F); }

std::size_t num_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string common_beginning(const std::vector<std::string>& words) {
  std::string common = words.front();
  for (const std::string& word : words) {
    const auto [mine, other] =
        std::mismatch(common.begin(), common.end(), word.begin(), word.end());
    common.erase(mine, common.end());
  }
  return common;
}

}  // namespace

void LineEditor::set_history(std::vector<std::string> lines) {
  history_ = std::move(lines);
  place_in_history_ = history_.size();
}

void LineEditor::remember(const std::string& line) {
  if (!line.empty() && (history_.empty() || history_.back() != line)) history_.push_back(line);
  if (history_.size() > kMaxHistory) history_.erase(history_.begin());
  place_in_history_ = history_.size();
}

std::string LineEditor::take_line() {
  cursor_ = 0;
  place_in_history_ = history_.size();
  return std::exchange(text_, {});
}

std::string LineEditor::take_notice() { return std::exchange(notice_, {}); }

LineEditor::Event LineEditor::feed(std::string_view key) {
  if (key.empty()) return Event::kNone;
  const char first = key.front();
  if (first == '\x1b') {
    escape(key.substr(1));
  } else if (static_cast<unsigned char>(first) < 0x20 || first == '\x7f') {
    return control(first);
  } else {
    insert(key);
  }
  return Event::kNone;
}

LineEditor::Event LineEditor::control(char key) {
  switch (key) {
    case '\r':
    case '\n':
      return Event::kLine;
    case control_key('C'):
      static_cast<void>(take_line());
      return Event::kCancel;
    case control_key('D'):
      if (text_.empty()) return Event::kEnd;
      erase(cursor_, behind(cursor_));
      break;
    case '\x7f':
    case control_key('H'):
      erase(before(cursor_), cursor_);
      break;
    case control_key('A'):
      cursor_ = 0;
      break;
    case control_key('E'):
      cursor_ = text_.size();
      break;
    case control_key('B'):
      cursor_ = before(cursor_);
      break;
    case control_key('F'):
      cursor_ = behind(cursor_);
      break;
    case control_key('K'):
      erase(cursor_, text_.size());
      break;
    case control_key('U'):
      erase(0, cursor_);
      break;
    case control_key('W'):
      erase(word_start(), cursor_);
      break;
    case control_key('L'):
      notice_ = "\x1b[H\x1b[2J";
      break;
    case control_key('P'):
      walk_history(true);
      break;
    case control_key('N'):
      walk_history(false);
      break;
    case '\t':
      complete();
      break;
    default:
      break;
  }
  return Event::kNone;
}

/// ECMA-48 sequences of the cursor keys, as xterm and its kin send them.
void LineEditor::escape(std::string_view key) {
  if (key == "[A" || key == "OA") walk_history(true);
  if (key == "[B" || key == "OB") walk_history(false);
  if (key == "[C" || key == "OC") cursor_ = behind(cursor_);
  if (key == "[D" || key == "OD") cursor_ = before(cursor_);
  if (key == "[H" || key == "OH" || key == "[1~") cursor_ = 0;
  if (key == "[F" || key == "OF" || key == "[4~") cursor_ = text_.size();
  if (key == "[3~") erase(cursor_, behind(cursor_));
}

void LineEditor::insert(std::string_view text) {
  text_.insert(cursor_, text);
  cursor_ += text.size();
}

void LineEditor::erase(std::size_t begin, std::size_t end) {
  text_.erase(begin, end - begin);
  cursor_ = begin;
}

std::size_t LineEditor::before(std::size_t place) const {
  if (place > 0) --place;
  while (place > 0 && is_continuation(text_[place])) --place;
  return place;
}

std::size_t LineEditor::behind(std::size_t place) const {
  if (place < text_.size()) ++place;
  while (place < text_.size() && is_continuation(text_[place])) ++place;
  return place;
}

std::size_t LineEditor::word_start() const {
  std::size_t place = cursor_;
  while (place > 0 && !is_word(text_[place - 1])) --place;
  while (place > 0 && is_word(text_[place - 1])) --place;
  return place;
}

void LineEditor::walk_history(bool up) {
  if (up ? place_in_history_ == 0 : place_in_history_ == history_.size()) return;
  if (place_in_history_ == history_.size()) typed_ = text_;
  place_in_history_ = up ? place_in_history_ - 1 : place_in_history_ + 1;
  text_ = place_in_history_ == history_.size() ? typed_ : history_[place_in_history_];
  cursor_ = text_.size();
}

void LineEditor::complete() {
  const bool is_at_word = cursor_ > 0 && is_word(text_[cursor_ - 1]);
  const std::size_t start = is_at_word ? word_start() : cursor_;
  const std::string word = text_.substr(start, cursor_ - start);
  const std::vector<std::string> words = complete_(word);
  if (words.empty()) return;
  const std::string common = common_beginning(words);
  if (words.size() == 1 || common.size() > word.size()) {
    erase(start, cursor_);
    insert(words.size() == 1 ? common + " " : common);
    return;
  }
  for (std::size_t i = 0; i < words.size() && i < kMaxShownWords; ++i) notice_ += words[i] + "  ";
  if (words.size() > kMaxShownWords)
    notice_ += fmt::format("and {} more", words.size() - kMaxShownWords);
}

std::string LineEditor::render(std::string_view prompt, std::size_t columns) const {
  const std::size_t width = std::max<std::size_t>(columns, prompt.size() + 10) - prompt.size() - 1;
  std::size_t begin = 0;
  while (num_characters(std::string_view(text_).substr(begin, cursor_ - begin)) > width)
    begin = behind(begin);
  std::size_t end = cursor_;
  while (end < text_.size() &&
         num_characters(std::string_view(text_).substr(begin, end - begin)) < width)
    end = behind(end);
  const std::size_t column =
      prompt.size() + num_characters(std::string_view(text_).substr(begin, cursor_ - begin));
  std::string shown = text_.substr(begin, end - begin);
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return fmt::format("\r{}{}\x1b[K\r\x1b[{}C", prompt, shown, std::max<std::size_t>(1, column));
}

}  // namespace livedata::cli
