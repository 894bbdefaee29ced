#include "query/text_template/cursor.h"

#include <algorithm>

#include "query/text_template/characters.h"

namespace livedata::query::text_template {

bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

void Cursor::skip_space() { skip(std::min(rest_.find_first_not_of(kSpace), rest_.size())); }

bool Cursor::take(char c) {
  if (!rest_.starts_with(c)) return false;
  skip(1);
  return true;
}

std::string_view Cursor::peek_word() const {
  std::size_t size = 0;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  while (size < rest_.size() && (starts_name(rest_[size]) || (size > 0 && is_digit(rest_[size]))))
    ++size;
  return rest_.substr(0, size);
}

std::string_view Cursor::take_word() {
  const std::string_view word = peek_word();
  skip(word.size());
  skip_space();
  return word;
}

bool Cursor::at_trimming_end() const {
  if (!rest_.starts_with("-}}")) return false;
  const std::size_t at = whole_.size() - rest_.size();
  return at > 0 && kSpace.find(whole_[at - 1]) != std::string_view::npos;
}

tl::unexpected<Error> Cursor::error(std::string_view what) const {
  const std::string_view before = whole_.substr(0, whole_.size() - rest_.size());
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t last = before.rfind('\n');
  const std::size_t column =
      last == std::string_view::npos ? before.size() + 1 : before.size() - last;
  return fail(ErrorCode::kInvalidArgument, "template: {}:{}: {}", line, column, what);
}

tl::unexpected<Error> Cursor::unexpected(std::string_view where) const {
  if (rest_.empty()) return error("unclosed action");
  const std::string_view shown = rest_.substr(0, first_character(rest_).size);
  return error(fmt::format("unexpected '{}' in {}", shown, where));
}

}  // namespace livedata::query::text_template
