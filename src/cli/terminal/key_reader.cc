#include "cli/terminal/key_reader.h"

#include <array>
#include <charconv>

#include "cli/terminal/character.h"

namespace livedata::cli::terminal {
namespace {

constexpr char kEscapeByte = '\x1b';
/// Longer than any sequence of a key; what is longer is taken for broken.
constexpr std::size_t kMaxSequence = 64;

Key function_key(unsigned number) { return {.kind = KeyKind::kFunction, .code = number}; }

/// CSI ... FINAL and SS3 FINAL with a letter (xterm's ctlseqs, "PC-Style Function Keys").
std::optional<Key> key_of_letter(char final) {
  switch (final) {
    case 'A':
      return Key{KeyKind::kUp};
    case 'B':
      return Key{KeyKind::kDown};
    case 'C':
      return Key{KeyKind::kRight};
    case 'D':
      return Key{KeyKind::kLeft};
    case 'H':
      return Key{KeyKind::kHome};
    case 'F':
      return Key{KeyKind::kEnd};
    case 'M':
      return Key{KeyKind::kEnter};  // of the keypad
    case 'Z':
      return Key{KeyKind::kBackTab};
    case 'P':
    case 'Q':
    case 'R':
    case 'S':
      return function_key(static_cast<unsigned>(final - 'P') + 1);
    default:
      return std::nullopt;
  }
}

/// CSI NUMBER ~
std::optional<Key> key_of_number(unsigned number) {
  switch (number) {
    case 1:
    case 7:
      return Key{KeyKind::kHome};
    case 3:
      return Key{KeyKind::kDelete};
    case 4:
    case 8:
      return Key{KeyKind::kEnd};
    case 5:
      return Key{KeyKind::kPageUp};
    case 6:
      return Key{KeyKind::kPageDown};
    default:
      break;
  }
  // 11 to 15, 17 to 21, 23 and 24
  if (number >= 11 && number <= 15) return function_key(number - 10);
  if (number >= 17 && number <= 21) return function_key(number - 11);
  if (number == 23 || number == 24) return function_key(number - 12);
  return std::nullopt;
}

std::optional<Key> key_of_sequence(std::string_view sequence) {
  if (sequence.size() == 2) return std::nullopt;  // Alt and a key
  const char final = sequence.back();
  // The Linux console: CSI [ A to E are F1 to F5.
  if (sequence.size() == 4 && sequence[2] == '[') {
    return final >= 'A' && final <= 'E'
               ? std::optional(function_key(static_cast<unsigned>(final - 'A') + 1))
               : std::nullopt;
  }
  if (final != '~') return key_of_letter(final);
  unsigned number = 0;
  std::from_chars(sequence.data() + 2, sequence.data() + sequence.size(), number);
  return key_of_number(number);
}

Key key_of_byte(char byte) {
  switch (byte) {
    case '\r':
    case '\n':
      return {KeyKind::kEnter};
    case '\t':
      return {KeyKind::kTab};
    case '\x7f':
    case '\b':
      return {KeyKind::kBackspace};
    case kEscapeByte:
      return {KeyKind::kEscape};
    default:
      return {.kind = KeyKind::kControl,
              .code = static_cast<char32_t>(static_cast<unsigned char>(byte) | 0x60U)};
  }
}

std::size_t character_size(unsigned char lead) {
  return lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
}

}  // namespace

void KeyReader::feed(std::string_view bytes) {
  given_up_ = false;
  pending_.append(bytes.substr(0, kMaxPending - std::min(kMaxPending, pending_.size())));
}

void KeyReader::give_up() { given_up_ = true; }

std::optional<Key> KeyReader::take(std::size_t bytes, std::optional<Key> key) {
  pending_.erase(0, bytes);
  return key;
}

std::size_t KeyReader::sequence_size() const {
  if (pending_.size() < 2) return 0;
  const char kind = pending_[1];
  if (kind == 'O') return pending_.size() < 3 ? 0 : 3;
  if (kind != '[') return 2;
  std::size_t i = pending_.size() > 2 && pending_[2] == '[' ? 3 : 2;
  for (; i < pending_.size(); ++i) {
    if (pending_[i] >= '@' && pending_[i] <= '~') return i + 1;
    // A control byte, or too much of it: this is no sequence.
    if (static_cast<unsigned char>(pending_[i]) < ' ' || i >= kMaxSequence) return i;
  }
  return 0;
}

std::optional<Key> KeyReader::next() {
  while (!pending_.empty()) {
    const auto first = static_cast<unsigned char>(pending_.front());
    if (first == kEscapeByte) {
      // Two of them: the first one was a key.
      if (pending_.size() > 1 && pending_[1] == kEscapeByte) return take(1, Key{KeyKind::kEscape});
      const std::size_t size = sequence_size();
      if (size == 0) return given_up_ ? take(1, Key{KeyKind::kEscape}) : std::nullopt;
      const auto key = key_of_sequence(std::string_view(pending_).substr(0, size));
      pending_.erase(0, size);
      if (key) return key;
      continue;
    }
    if (first < ' ' || first == 0x7F) return take(1, key_of_byte(pending_.front()));
    const std::size_t size = character_size(first);
    if (pending_.size() < size && !given_up_) return std::nullopt;
    const Character character = first_character(pending_);
    if (character.width > 0 && character.code != kReplacement &&
        character.code != kControlStandIn) {
      return take(character.bytes, Key{.kind = KeyKind::kCharacter, .code = character.code});
    }
    pending_.erase(0, character.bytes);
  }
  return std::nullopt;
}

}  // namespace livedata::cli::terminal
