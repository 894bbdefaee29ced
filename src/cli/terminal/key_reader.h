#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace livedata::cli::terminal {

enum class KeyKind : std::uint8_t {
  kCharacter,  ///< `code` says which
  kControl,    ///< with Ctrl; `code` is the small letter
  kEnter,
  kEscape,
  kTab,
  kBackTab,
  kBackspace,
  kDelete,
  kUp,
  kDown,
  kLeft,
  kRight,
  kHome,
  kEnd,
  kPageUp,
  kPageDown,
  kFunction,  ///< `code` is 1 to 12
};

struct Key {
  KeyKind kind = KeyKind::kCharacter;
  char32_t code = 0;
  bool operator==(const Key&) const = default;
};

/// Keys out of the bytes that a terminal sends: UTF-8, control bytes, and the sequences of xterm,
/// the Linux console and rxvt. Sequences that are not known are passed over as a whole. Holds at
/// most kMaxPending bytes. Not thread-safe.
class KeyReader {
 public:
  static constexpr std::size_t kMaxPending = 4096;

  void feed(std::string_view bytes);
  /// The next key whose bytes are all there.
  std::optional<Key> next();
  /// Whether bytes wait for others. If none come for a moment, an ESC was the key.
  [[nodiscard]] bool is_waiting() const { return !pending_.empty(); }
  /// None will come: an ESC that waits is the key Escape.
  void give_up();

 private:
  std::optional<Key> take(std::size_t bytes, std::optional<Key> key);
  /// The bytes of the escape sequence at the front; 0: it is not complete.
  [[nodiscard]] std::size_t sequence_size() const;

  std::string pending_;
  bool given_up_ = false;
};

}  // namespace livedata::cli::terminal
