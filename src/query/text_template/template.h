#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace livedata::query::text_template {

/// What a template is filled with.
struct Data {
  std::function<std::optional<std::string>(std::string_view)> find;  ///< a label by its name
  /// All labels, sorted by name.
  std::function<std::vector<std::pair<std::string, std::string>>()> all;
  std::string_view line;
  std::int64_t timestamp_ns = 0;
  std::int64_t now_ns = 0;
};

/// A text with {{actions}} in the language of Go's text/template, with the functions that Loki's
/// line_format and label_format know; see docs/logql.md. Work and output are bounded. Immutable and
/// thread-safe; copies share everything.
class Template {
 public:
  /// kInvalidArgument with line and column.
  static Result<Template> parse(std::string_view text);

  /// Appends to `out`. On failure what was appended so far means nothing.
  Result<void> run(const Data& data, std::string& out) const;

  /// Labels that are read by name.
  [[nodiscard]] const std::set<std::string>& fields() const;
  /// Whether all labels are read, by a dot on its own.
  [[nodiscard]] bool reads_all() const;
  /// Whether the line is read.
  [[nodiscard]] bool reads_line() const;

 private:
  class Compiled;
  explicit Template(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace livedata::query::text_template
