#pragma once

#include <string>
#include <vector>

#include "query/text_template/cursor.h"
#include "query/text_template/nodes.h"

namespace livedata::query::text_template {

// Of branches and parentheses, so that a hostile template can't exhaust the stack.
constexpr int kMaxDepth = 100;

/// Parses what is between {{ and }}, but for keywords: `$x := a | b (c "d")`.
class PipeParser {
 public:
  /// Notes in `parsed` which labels are read.
  PipeParser(Cursor& cursor, Parsed& parsed) : cursor_(cursor), parsed_(parsed) {}

  Result<Pipe> parse(int depth);

  /// Variables that may be used here.
  std::vector<std::string> variables;
  bool dot_is_labels = true;  ///< not within {{with}} and {{range}}

 private:
  Result<void> parse_variables(Pipe& pipe);
  [[nodiscard]] bool is_known(const std::string& variable) const;
  [[nodiscard]] bool at_command_end() const;
  Result<Command> parse_command(int depth, bool has_piped_argument);
  void use_format_method(Command& command) const;
  Result<void> check_command(Command& command, bool has_piped_argument) const;
  Result<void> check_count(const Function& function, std::size_t given) const;
  Result<void> compile_literal_regex(Command& command) const;
  Result<Operand> parse_operand(int depth);
  Result<Operand> parse_word();
  void parse_chain(Operand& operand);
  [[nodiscard]] bool is_labels(const Operand& operand) const;

  Cursor& cursor_;
  Parsed& parsed_;
};

}  // namespace livedata::query::text_template
