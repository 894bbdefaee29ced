#include "query/text_template/pipe_parser.h"

#include <algorithm>

#include "query/text_template/literals.h"

namespace livedata::query::text_template {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Result<Pipe> PipeParser::parse(int depth) {
  if (depth > kMaxDepth) return cursor_.error("nested too deep");
  Pipe pipe;
  LIVEDATA_RETURN_IF_ERROR(parse_variables(pipe));
  do {
    cursor_.skip_space();
    LIVEDATA_TRY(Command command, parse_command(depth, !pipe.commands.empty()));
    pipe.commands.push_back(std::move(command));
    cursor_.skip_space();
  } while (cursor_.take('|'));
  if (pipe.declares)
    variables.insert(variables.end(), pipe.variables.begin(), pipe.variables.end());
  return pipe;
}

/// `$x :=`, `$i, $x :=` or `$x =`, if one of them is here.
Result<void> PipeParser::parse_variables(Pipe& pipe) {
  cursor_.skip_space();
  const std::string_view before = cursor_.rest();
  std::vector<std::string> names;
  while (names.size() < 2 && cursor_.take('$')) {
    names.emplace_back(cursor_.take_word());
    if (!cursor_.take(',')) break;
    cursor_.skip_space();
  }
  const bool declares = cursor_.rest().starts_with(":=");
  const bool assigns = cursor_.rest().starts_with("=");
  if (names.empty() || (!declares && !assigns)) {
    cursor_.rest() = before;
    return {};
  }
  for (const std::string& name : names) {
    if (name.empty()) return cursor_.error("$ can't be set");
    if (assigns && !is_known(name)) return cursor_.error("undefined variable $" + name);
  }
  cursor_.skip(declares ? 2 : 1);
  pipe.variables = std::move(names);
  pipe.declares = declares;
  return {};
}

bool PipeParser::is_known(const std::string& variable) const {
  return variable.empty() ||
         std::find(variables.begin(), variables.end(), variable) != variables.end();
}

bool PipeParser::at_command_end() const {
  const std::string_view rest = cursor_.rest();
  return rest.empty() || rest.front() == '|' || rest.front() == ')' || cursor_.at_action_end();
}

Result<Command> PipeParser::parse_command(int depth, bool has_piped_argument) {
  Command command;
  while (!at_command_end()) {
    LIVEDATA_TRY(Operand operand, parse_operand(depth));
    command.operands.push_back(std::move(operand));
    const std::size_t before = cursor_.rest().size();
    cursor_.skip_space();
    const bool separated = cursor_.rest().size() != before || at_command_end();
    if (!separated) return cursor_.unexpected("an operand");
  }
  if (command.operands.empty()) {
    return cursor_.rest().empty() ? cursor_.error("unclosed action")
                                  : cursor_.error("a value is missing");
  }
  use_format_method(command);
  LIVEDATA_RETURN_IF_ERROR(check_command(command, has_piped_argument));
  LIVEDATA_RETURN_IF_ERROR(compile_literal_regex(command));
  return command;
}

/// `x.Format "..."` is what `date "..." x` means.
void PipeParser::use_format_method(Command& command) const {
  std::vector<Operand>& operands = command.operands;
  std::vector<std::string>& chain = operands.front().chain;
  if (operands.size() != 2 || chain.empty() || chain.back() != "Format") return;
  // A label of that name.
  if (chain.size() == 1 && is_labels(operands.front())) return;
  chain.pop_back();
  std::swap(operands[0], operands[1]);
  operands.insert(operands.begin(), Operand{.base = Operand::Call{find_function("date")}});
}

Result<void> PipeParser::check_command(Command& command, bool has_piped_argument) const {
  const std::vector<Operand>& operands = command.operands;
  const std::size_t given = operands.size() - 1 + (has_piped_argument ? 1 : 0);
  for (const Operand& operand : operands) {
    const auto* call = std::get_if<Operand::Call>(&operand.base);
    // Only the first one takes arguments: the others are some themselves.
    const bool takes = &operand == operands.data() && operand.chain.empty();
    if (call != nullptr) {
      LIVEDATA_RETURN_IF_ERROR(check_count(*call->function, takes ? given : 0));
    } else if (takes || &operand == operands.data()) {
      const auto* literal = std::get_if<Value>(&operand.base);
      if (literal != nullptr && is_nil(*literal)) return cursor_.error("nil is not a command");
      if (given > 0) return cursor_.error("only functions take arguments");
    }
  }
  const bool chained_call = !operands.front().chain.empty() && given > 0;
  return chained_call ? cursor_.error("only functions take arguments") : Result<void>();
}

Result<void> PipeParser::check_count(const Function& function, std::size_t given) const {
  if (given >= function.min_arguments && given <= function.max_arguments) return {};
  const bool exact = function.max_arguments == function.min_arguments;
  return cursor_.error(fmt::format(
      "wrong number of args for {}: want {}{} got {}", function.name,
      exact                            ? ""
      : given < function.min_arguments ? "at least "
                                       : "at most ",
      given < function.min_arguments ? function.min_arguments : function.max_arguments, given));
}

/// Once here, rather than for each row.
Result<void> PipeParser::compile_literal_regex(Command& command) const {
  auto* call = std::get_if<Operand::Call>(&command.operands.front().base);
  if (call == nullptr || !call->function->takes_regex || command.operands.size() < 2) return {};
  const auto* literal = std::get_if<Value>(&command.operands[1].base);
  const auto* text = literal != nullptr ? std::get_if<std::string>(literal) : nullptr;
  if (text == nullptr) return {};
  auto regex = compile_regex(*text);
  if (!regex) return cursor_.error(regex.error().message);
  call->regex = *std::move(regex);
  return {};
}

Result<Operand> PipeParser::parse_operand(int depth) {
  Operand operand;
  const std::string_view rest = cursor_.rest();
  const char c = rest.front();
  const char next = rest.size() > 1 ? rest[1] : '\0';
  if (c == '(') {
    cursor_.skip(1);
    LIVEDATA_TRY(Pipe inner, parse(depth + 1));
    cursor_.skip_space();
    if (!cursor_.take(')')) return cursor_.error("')' is missing");
    operand.base = std::make_shared<const Pipe>(std::move(inner));
  } else if (c == '$') {
    cursor_.skip(1);
    const std::string name(cursor_.peek_word());
    cursor_.skip(name.size());
    if (!is_known(name)) return cursor_.error("undefined variable $" + name);
    operand.base = Operand::Variable{name};
  } else if (c == '.' && !is_digit(next)) {
    operand.base = Operand::Dot();
    if (!starts_name(next)) cursor_.skip(1);
  } else if (starts_name(c)) {
    LIVEDATA_TRY(operand, parse_word());
  } else {
    auto literal = take_literal(cursor_.rest());
    if (!literal) return cursor_.error(literal.error().message);
    operand.base = *std::move(literal);
  }
  const bool has_members =
      !std::holds_alternative<Value>(operand.base) && !(c == '.' && !starts_name(next));
  if (has_members) parse_chain(operand);
  if (is_labels(operand)) {
    if (operand.chain.empty()) {
      parsed_.reads_all = true;
    } else {
      parsed_.fields.insert(operand.chain.front());
    }
  }
  return operand;
}

Result<Operand> PipeParser::parse_word() {
  const std::string_view word = cursor_.peek_word();
  Operand operand;
  if (word == "nil") {
    operand.base = Value();
  } else if (word == "true" || word == "false") {
    operand.base = Value(word == "true");
  } else {
    const Function* function = find_function(word);
    if (function == nullptr) return cursor_.error(fmt::format("function \"{}\" not defined", word));
    if (word == "__line__") parsed_.reads_line = true;
    operand.base = Operand::Call{function};
  }
  cursor_.skip(word.size());
  return operand;
}

void PipeParser::parse_chain(Operand& operand) {
  while (cursor_.rest().size() > 1 && cursor_.rest()[0] == '.' && starts_name(cursor_.rest()[1])) {
    cursor_.skip(1);
    const std::string_view name = cursor_.peek_word();
    operand.chain.emplace_back(name);
    cursor_.skip(name.size());
  }
}

bool PipeParser::is_labels(const Operand& operand) const {
  const auto* variable = std::get_if<Operand::Variable>(&operand.base);
  if (variable != nullptr) return variable->name.empty();
  return std::holds_alternative<Operand::Dot>(operand.base) && dot_is_labels;
}

}  // namespace livedata::query::text_template
