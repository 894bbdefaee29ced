#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace livedata::collect {

/// How the bytes of a file stand for text. The numbers stand in bookmarks.
enum class TextEncoding : std::uint8_t {
  kAuto = 0,  ///< by the byte order mark, else UTF-16 if it looks so, else UTF-8
  kUtf8 = 1,
  kUtf16Le = 2,
  kUtf16Be = 3,
  kLatin1 = 4,
};

/// "utf-8", "utf-16le", "utf-16be", "latin-1" or "auto".
std::optional<TextEncoding> parse_text_encoding(std::string_view name);

/// What a file that begins with these bytes is written in, if `wanted` leaves it open. A byte order
/// mark wins over what is wanted, but for Latin-1, which has none.
TextEncoding detect_encoding(std::string_view head, TextEncoding wanted);

/// Bytes of the byte order mark that the head begins with: 0, 2 or 3.
std::size_t byte_order_mark_bytes(std::string_view head, TextEncoding encoding);

/// Bytes of a code unit.
constexpr std::size_t unit_bytes(TextEncoding encoding) {
  return encoding == TextEncoding::kUtf16Le || encoding == TextEncoding::kUtf16Be ? 2 : 1;
}

/// Most bytes of the encoding whose UTF-8 has `bytes` bytes.
std::size_t encoded_bytes(TextEncoding encoding, std::size_t bytes);

/// Where the next code unit `unit` (below 128) begins; npos if there is none. The text begins with
/// a whole unit.
std::size_t find_unit(std::string_view text, char unit, TextEncoding encoding);

/// Whether a text that is not empty and whole ends with this unit.
bool ends_with_unit(std::string_view text, char unit, TextEncoding encoding);

/// The largest size up to `size` at which no character is cut.
std::size_t cut_before_character(std::string_view text, std::size_t size, TextEncoding encoding);

/// The text in UTF-8. UTF-8 itself stays as it is, whether it is valid or not; in UTF-16 what is no
/// character becomes U+FFFD. `storage` holds the result where it is another text.
std::string_view to_utf8(std::string_view text, TextEncoding encoding, std::string& storage);

/// Whether the first bytes of a file are no text: more than a tenth are control characters that
/// text does not have. Zeros at the very start are left out: truncating a file under its writer's
/// feet makes them.
bool looks_binary(std::string_view head);

}  // namespace livedata::collect
