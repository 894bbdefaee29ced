#include "base/cut_text.h"

namespace livedata {

std::string_view cut_text(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  // Back to the first byte of the character that the limit falls into, if it is one.
  for (std::size_t back = 0; back < 4 && back <= max_bytes; ++back) {
    const std::size_t size = max_bytes - back;
    if ((static_cast<unsigned char>(text[size]) & 0xC0U) != 0x80U) return text.substr(0, size);
  }
  return text.substr(0, max_bytes);
}

}  // namespace livedata
