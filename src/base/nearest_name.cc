#include "base/nearest_name.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace livedata {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string_view nearest_name(std::string_view wanted, std::span<const std::string_view> names) {
  const auto nearest = std::min_element(
      names.begin(), names.end(), [wanted](std::string_view a, std::string_view b) {
        return edit_distance(a, wanted) < edit_distance(b, wanted);
      });
  return nearest == names.end() ? std::string_view() : *nearest;
}

}  // namespace livedata
