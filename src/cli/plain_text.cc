#include "cli/plain_text.h"

#include "base/cut_text.h"

namespace livedata::cli {

std::string plain_text(std::string_view text, std::size_t max_bytes) {
  std::string out(cut_text(text, max_bytes));
  for (char& c : out) {
    if (c == '\n' || c == '\t') c = ' ';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return out;
}

}  // namespace livedata::cli
