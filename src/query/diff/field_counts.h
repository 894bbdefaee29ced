#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "query/diff/contrast.h"
#include "query/diff/finding.h"
#include "query/diff/number_sample.h"
#include "query/plan/row.h"

namespace livedata::query::diff {

/// What values the labels and fields of two sides' records have, those among them that the lines
/// hold as JSON or logfmt. Bounded: a name with many values is one of ids or measures, and only
/// its numbers are looked at, by a sample. Not thread-safe.
class FieldCounts {
 public:
  void add(std::size_t side, plan::Row& row);

  /// What moved, most surprising first. `selector` begins the findings' queries.
  [[nodiscard]] std::vector<Finding> findings(const Basis& basis, const std::string& selector);

 private:
  struct Field {
    std::unordered_map<std::string, Sides> values;
    bool has_many = false;  // more values than are counted; `values` is empty
    std::array<NumberSample, 2> numbers;
    bool is_duration = false;  // the numbers are seconds
    std::string_view parser;   // the stage that finds it; "": it is the record's own
  };
  void add_value(std::size_t side, const Label& label, std::string_view parser);
  static void find_values(const std::string& name, const Field& field, const Basis& basis,
                          const std::string& selector, std::vector<Finding>& out);
  static void find_numbers(const std::string& name, Field& field, const std::string& selector,
                           std::vector<Finding>& out);

  std::map<std::string, Field, std::less<>> fields_;
};

}  // namespace livedata::query::diff
