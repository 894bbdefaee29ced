#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace livedata::ingest::pipeline {

/// A value of a YAML file that knows where it stands, so that every mistake can be shown.
struct Node {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  std::string text = {};         ///< kScalar
  std::vector<Node> items = {};  ///< kList: the elements; kMap: the values
  std::vector<Node> keys = {};   ///< kMap: the scalar in front of each of the items
  int line = 0;                  ///< from 1 on
  int column = 0;                ///< from 1 on

  /// The value behind a key of a map, or null.
  [[nodiscard]] const Node* find(std::string_view key) const;
};

/// The value of one key of a YAML file's outermost map; kNull if it is not there. Errors are
/// kInvalidArgument and name file, line and column.
Result<Node> read_section(std::string_view yaml_text, std::string_view file_name,
                          std::string_view key);

}  // namespace livedata::ingest::pipeline
