#include "storage/scan/needle_search.h"

#include <cstring>

namespace livedata::storage {
namespace {

constexpr std::size_t kNoHit = std::string_view::npos;

std::size_t find_from(std::string_view bytes, std::string_view needle, std::size_t from) {
  if (from >= bytes.size()) return kNoHit;
  // glibc's memmem is vectorized; std::string_view::find is not.
  const void* hit =
      ::memmem(bytes.data() + from, bytes.size() - from, needle.data(), needle.size());
  return hit == nullptr ? kNoHit
                        : static_cast<std::size_t>(static_cast<const char*>(hit) - bytes.data());
}

}  // namespace

void keep_rows_with(std::string_view needle, const StringColumn& lines,
                    std::vector<RowIndex>& rows) {
  if (needle.empty()) return;
  const std::string_view bytes = lines.bytes();
  const auto ends = lines.ends();
  std::size_t hit = rows.empty()
                        ? kNoHit
                        : find_from(bytes, needle, rows.front() == 0 ? 0 : ends[rows.front() - 1]);
  std::size_t kept = 0;
  for (const RowIndex row : rows) {
    const std::size_t begin = row == 0 ? 0 : ends[row - 1];
    const std::size_t end = ends[row];
    if (begin == end) {
      rows[kept++] = row;
      continue;
    }
    if (hit != kNoHit && hit < begin) hit = find_from(bytes, needle, begin);
    // A hit that reaches over the end of the line is none; there may be a real one before that end.
    while (hit != kNoHit && hit < end && hit + needle.size() > end)
      hit = find_from(bytes, needle, hit + 1);
    if (hit != kNoHit && hit + needle.size() <= end) rows[kept++] = row;
  }
  rows.resize(kept);
}

}  // namespace livedata::storage
