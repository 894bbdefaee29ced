#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "collect/files/text_encoding.h"

namespace livedata::collect {

/// A line or a piece of one, as it stands in the file but without its end.
struct RawLine {
  std::string_view text;
  std::uint64_t begin = 0;  ///< offset in the file
  bool continues = false;   ///< the rest of a line whose start was given before
  bool is_cut = false;      ///< more of the line follows
};

/// Cuts bytes into lines, whose ends are \n or \r\n.
class LineSplitter {
 public:
  LineSplitter(TextEncoding encoding, std::size_t max_line_bytes)
      : encoding_(encoding), max_bytes_(max_line_bytes) {}

  /// Whether the next byte belongs to a line whose start was given already.
  [[nodiscard]] bool in_line() const { return in_line_; }
  void set_in_line(bool in_line) { in_line_ = in_line; }

  /// Gives the lines of the text, which stands at the offset, to visit(const RawLine&), and returns
  /// the bytes that they took. What has no end waits, unless it is longer than a line may be, or
  /// `give_rest` says that no end will come.
  template <class Visit>
  std::size_t split(std::string_view text, std::uint64_t offset, bool give_rest,
                    const Visit& visit) {
    std::size_t taken = 0;
    for (RawLine line; next(text.substr(taken), give_rest, line);) {
      line.begin = offset + taken;
      const bool is_empty_rest = line.continues && line.text.empty();
      if (!is_empty_rest) visit(line);
      taken += taken_;
    }
    return taken;
  }

 private:
  bool next(std::string_view text, bool give_rest, RawLine& line);

  TextEncoding encoding_;
  std::size_t max_bytes_;
  bool in_line_ = false;
  std::size_t taken_ = 0;
};

}  // namespace livedata::collect
