#include "collect/files/line_splitter.h"

namespace livedata::collect {

bool LineSplitter::next(std::string_view text, bool give_rest, RawLine& line) {
  const std::size_t unit = unit_bytes(encoding_);
  const std::size_t max_with_end = max_bytes_ + 2 * unit;
  const std::size_t end = find_unit(text.substr(0, max_with_end), '\n', encoding_);
  line = RawLine{.text = {}, .continues = in_line_};
  if (end != std::string_view::npos) {
    line.text = text.substr(0, end);
    if (ends_with_unit(line.text, '\r', encoding_)) line.text.remove_suffix(unit);
    if (line.text.size() <= max_bytes_) {
      taken_ = end + unit;
      in_line_ = false;
      return true;
    }
  } else if (text.size() < max_with_end) {
    if (!give_rest || text.empty()) return false;
    if (text.size() <= max_bytes_) {
      line.text = text;
      taken_ = text.size();
      in_line_ = true;  // should an end come after all, it is no empty line
      return true;
    }
  }
  line.text = text.substr(0, cut_before_character(text, max_bytes_, encoding_));
  line.is_cut = true;
  taken_ = line.text.size();
  in_line_ = true;
  return true;
}

}  // namespace livedata::collect
