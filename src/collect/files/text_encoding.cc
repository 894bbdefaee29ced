#include "collect/files/text_encoding.h"

#include <algorithm>
#include <cstring>

namespace livedata::collect {
namespace {

constexpr std::size_t kDetectBytes = 512;
constexpr char32_t kReplacement = 0xFFFD;

char16_t unit_at(std::string_view text, std::size_t at, TextEncoding encoding) {
  const auto first = static_cast<unsigned char>(text[at]);
  const auto second = static_cast<unsigned char>(text[at + 1]);
  return encoding == TextEncoding::kUtf16Le ? static_cast<char16_t>(first | second << 8U)
                                            : static_cast<char16_t>(first << 8U | second);
}

bool is_high_surrogate(char16_t unit) { return (unit & 0xFC00U) == 0xD800U; }
bool is_low_surrogate(char16_t unit) { return (unit & 0xFC00U) == 0xDC00U; }

void append_utf8(char32_t c, std::string& out) {
  const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0U | c >> 6U);
    put(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    put(0xE0U | c >> 12U);
    put(0x80U | (c >> 6U & 0x3FU));
    put(0x80U | (c & 0x3FU));
  } else {
    put(0xF0U | c >> 18U);
    put(0x80U | (c >> 12U & 0x3FU));
    put(0x80U | (c >> 6U & 0x3FU));
    put(0x80U | (c & 0x3FU));
  }
}

void append_utf16(std::string_view text, TextEncoding encoding, std::string& out) {
  for (std::size_t i = 0; i < text.size(); i += 2) {
    if (i + 1 == text.size()) {  // half a unit
      append_utf8(kReplacement, out);
      break;
    }
    const char16_t unit = unit_at(text, i, encoding);
    if (is_high_surrogate(unit) && i + 3 < text.size() &&
        is_low_surrogate(unit_at(text, i + 2, encoding))) {
      const char16_t low = unit_at(text, i + 2, encoding);
      append_utf8(0x10000U + ((unit & 0x3FFU) << 10U) + (low & 0x3FFU), out);
      i += 2;
    } else {
      append_utf8(is_high_surrogate(unit) || is_low_surrogate(unit) ? kReplacement : unit, out);
    }
  }
}

/// UTF-16 without a byte order mark, as far as it is mostly ASCII: every other byte is zero.
std::optional<TextEncoding> guess_utf16(std::string_view head) {
  head = head.substr(0, kDetectBytes);
  std::size_t even_zeros = 0;
  std::size_t odd_zeros = 0;
  for (std::size_t i = 0; i + 1 < head.size(); i += 2) {
    even_zeros += head[i] == '\0' ? 1U : 0U;
    odd_zeros += head[i + 1] == '\0' ? 1U : 0U;
  }
  const std::size_t units = head.size() / 2;
  if (units < 2) return std::nullopt;
  if (even_zeros == 0 && odd_zeros * 10 >= units * 9) return TextEncoding::kUtf16Le;
  if (odd_zeros == 0 && even_zeros * 10 >= units * 9) return TextEncoding::kUtf16Be;
  return std::nullopt;
}

}  // namespace

std::optional<TextEncoding> parse_text_encoding(std::string_view name) {
  if (name == "auto") return TextEncoding::kAuto;
  if (name == "utf-8") return TextEncoding::kUtf8;
  if (name == "utf-16le") return TextEncoding::kUtf16Le;
  if (name == "utf-16be") return TextEncoding::kUtf16Be;
  if (name == "latin-1") return TextEncoding::kLatin1;
  return std::nullopt;
}

TextEncoding detect_encoding(std::string_view head, TextEncoding wanted) {
  if (wanted == TextEncoding::kLatin1) return wanted;
  if (head.starts_with("\xFF\xFE")) return TextEncoding::kUtf16Le;
  if (head.starts_with("\xFE\xFF")) return TextEncoding::kUtf16Be;
  if (wanted != TextEncoding::kAuto) return wanted;
  return guess_utf16(head).value_or(TextEncoding::kUtf8);
}

std::size_t byte_order_mark_bytes(std::string_view head, TextEncoding encoding) {
  switch (encoding) {
    case TextEncoding::kUtf8:
      return head.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    case TextEncoding::kUtf16Le:
      return head.starts_with("\xFF\xFE") ? 2 : 0;
    case TextEncoding::kUtf16Be:
      return head.starts_with("\xFE\xFF") ? 2 : 0;
    default:
      return 0;
  }
}

std::size_t encoded_bytes(TextEncoding encoding, std::size_t bytes) {
  switch (encoding) {
    case TextEncoding::kUtf16Le:
    case TextEncoding::kUtf16Be:  // a unit becomes up to three bytes
      return std::max<std::size_t>(bytes / 3 * 2, 4);
    case TextEncoding::kLatin1:
      return std::max<std::size_t>(bytes / 2, 1);
    default:
      return bytes;
  }
}

std::size_t find_unit(std::string_view text, char unit, TextEncoding encoding) {
  if (unit_bytes(encoding) == 1) return text.find(unit);
  const std::size_t place = encoding == TextEncoding::kUtf16Le ? 0 : 1;
  for (std::size_t at = text.find(unit); at != std::string_view::npos;
       at = text.find(unit, at + 1)) {
    if (at % 2 != place) continue;
    const std::size_t begin = at - place;
    if (begin + 1 >= text.size()) break;
    if (text[begin + 1 - place] == '\0') return begin;
  }
  return std::string_view::npos;
}

bool ends_with_unit(std::string_view text, char unit, TextEncoding encoding) {
  if (unit_bytes(encoding) == 1) return text.ends_with(unit);
  return text.size() >= 2 && unit_at(text, text.size() - 2, encoding) ==
                                 static_cast<char16_t>(static_cast<unsigned char>(unit));
}

std::size_t cut_before_character(std::string_view text, std::size_t size, TextEncoding encoding) {
  if (size >= text.size()) return text.size();
  if (encoding == TextEncoding::kLatin1) return size;
  if (unit_bytes(encoding) == 2) {
    const std::size_t even = size / 2 * 2;
    const bool cuts_pair = even >= 4 && is_high_surrogate(unit_at(text, even - 2, encoding));
    return cuts_pair ? even - 2 : even;
  }
  // At most three bytes follow a leading one; more is no UTF-8.
  for (std::size_t back = 0; back < 4 && back < size; ++back) {
    if ((static_cast<unsigned char>(text[size - back]) & 0xC0U) != 0x80U) return size - back;
  }
  return size;
}

std::string_view to_utf8(std::string_view text, TextEncoding encoding, std::string& storage) {
  if (encoding == TextEncoding::kUtf8 || encoding == TextEncoding::kAuto) return text;
  storage.clear();
  if (encoding == TextEncoding::kLatin1) {
    for (const char c : text) append_utf8(static_cast<unsigned char>(c), storage);
  } else {
    append_utf16(text, encoding, storage);
  }
  return storage;
}

bool looks_binary(std::string_view head) {
  head.remove_prefix(std::min(head.find_first_not_of('\0'), head.size()));
  const auto is_odd = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && std::strchr("\t\n\r\f\v\b\033", c) == nullptr;
  };
  // strchr() finds the terminating zero too, but zero is as odd as the others.
  const auto odd =
      std::count_if(head.begin(), head.end(), [&](char c) { return c == '\0' || is_odd(c); });
  return static_cast<std::size_t>(odd) * 10 > head.size();
}

}  // namespace livedata::collect
