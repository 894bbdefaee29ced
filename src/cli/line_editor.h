#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace livedata::cli {

/// One line of text that is typed at a terminal: the state behind the screen. Bytes of keys go in,
/// what is to be shown comes out.
class LineEditor {
 public:
  /// Words that may stand for the one before the cursor.
  using Complete = std::function<std::vector<std::string>(std::string_view word)>;
  enum class Event {
    kNone,
    kLine,    ///< Enter: take_line()
    kCancel,  ///< Ctrl-C: the line was dropped
    kEnd,     ///< Ctrl-D on an empty line
  };

  explicit LineEditor(Complete complete) : complete_(std::move(complete)) {}

  void set_history(std::vector<std::string> lines);
  [[nodiscard]] const std::vector<std::string>& history() const { return history_; }
  /// A line that arrow-up brings back. The same one twice in a row is kept once.
  void remember(const std::string& line);

  /// Takes the bytes of one key: a character of UTF-8, a control character, or an escape sequence.
  Event feed(std::string_view key);
  [[nodiscard]] std::string take_line();
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::size_t cursor() const { return cursor_; }
  /// What the last key has to show besides the line, such as possible words; then none again.
  [[nodiscard]] std::string take_notice();
  /// Bytes that show the line behind a prompt on a terminal of so many columns; of a longer line
  /// the part around the cursor.
  [[nodiscard]] std::string render(std::string_view prompt, std::size_t columns) const;

 private:
  Event control(char key);
  void escape(std::string_view key);
  void insert(std::string_view text);
  void erase(std::size_t begin, std::size_t end);
  [[nodiscard]] std::size_t before(std::size_t place) const;
  [[nodiscard]] std::size_t behind(std::size_t place) const;
  [[nodiscard]] std::size_t word_start() const;
  void walk_history(bool up);
  void complete();

  Complete complete_;
  std::vector<std::string> history_;
  std::size_t place_in_history_ = 0;  // history_.size(): the line that is being typed
  std::string typed_;                 // that line, while an older one is shown
  std::string text_;
  std::size_t cursor_ = 0;  // a byte of the text
  std::string notice_;
};

}  // namespace livedata::cli
