#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ingest/pipeline/settings/options.h"

namespace livedata::ingest::pipeline {

/// Names of fields; one that ends with * is all that begin so.
class NameList {
 public:
  NameList() = default;
  NameList(Options& options, std::string_view option);

  [[nodiscard]] bool contains(std::string_view name) const;
  [[nodiscard]] bool empty() const { return names_.empty() && prefixes_.empty(); }

 private:
  std::vector<std::string> names_;
  std::vector<std::string> prefixes_;
};

}  // namespace livedata::ingest::pipeline
