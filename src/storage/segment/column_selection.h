#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace livedata::storage {

/// Which columns a reader needs besides timestamps and streams. Others may be left out: lines come
/// as empty strings, fields as absent.
struct ColumnSelection {
  bool lines = true;
  bool all_fields = true;
  std::vector<std::string> field_names = {};  ///< wanted when !all_fields

  [[nodiscard]] bool wants_field(std::string_view name) const {
    return all_fields ||
           std::find(field_names.begin(), field_names.end(), name) != field_names.end();
  }
};

}  // namespace livedata::storage
