#include "ingest/pipeline/name_list.h"

#include <algorithm>

namespace livedata::ingest::pipeline {

NameList::NameList(Options& options, std::string_view option) {
  for (std::string& name : options.list(option)) {
    const bool is_prefix = name.ends_with('*');
    if (is_prefix) name.pop_back();
    if (!is_label_name(name) && !(is_prefix && name.empty())) {
      options.mistake(option, fmt::format("'{}' is no name: letters, digits and _ are allowed, and "
                                          "a * at the end",
                                          name));
    }
    (is_prefix ? prefixes_ : names_).push_back(std::move(name));
  }
}

bool NameList::contains(std::string_view name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end() ||
         std::any_of(prefixes_.begin(), prefixes_.end(),
                     [name](const std::string& prefix) { return name.starts_with(prefix); });
}

}  // namespace livedata::ingest::pipeline
