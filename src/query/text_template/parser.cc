// Text is cut at {{ and }}; what is inside is parsed by recursive descent (pkg.go.dev/text/template).
#include <algorithm>
#include <charconv>
#include <optional>

#include "query/text_template/nodes.h"

namespace livedata::query::text_template {
namespace {

constexpr int kMaxDepth = 100;
constexpr std::string_view kSpace = " \t\r\n";

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Parser {
 public:
  explicit Parser(std::string_view text) : whole_(text), rest_(text) {}

  Result<Parsed> run() {
    LIVEDATA_TRY(parsed_.block, parse_block(0));
    if (!end_word_.empty()) return error(fmt::format("unexpected {{{{{}}}}}", end_word_));
    return std::move(parsed_);
  }

 private:
  [[nodiscard]] tl::unexpected<Error> error(std::string_view what) const {
    const std::string_view before = whole_.substr(0, whole_.size() - rest_.size());
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t last = before.rfind('\n');
    const std::size_t column = last == std::string_view::npos ? before.size() + 1 : before.size() - last;
    return fail(ErrorCode::kInvalidArgument, "template: {}:{}: {}", line, column, what);
  }

  /// Up to {{end}}, {{else}} or the end of the text; end_word_ tells which.
  Result<Block> parse_block(int depth) {
    if (depth > kMaxDepth) return error("nested too deep");
    Block block;
    end_word_ = {};
    while (!rest_.empty()) {
      add_text(block);
      if (rest_.empty()) break;
      rest_.remove_prefix(2);
      trim_start_of_action();
      if (rest_.starts_with("/*")) {
        LIVEDATA_RETURN_IF_ERROR(skip_comment());
        continue;
      }
      LIVEDATA_RETURN_IF_ERROR(parse_action(block, depth));
      if (!end_word_.empty()) break;
    }
    return block;
  }

  void add_text(Block& block) {
    const std::size_t end = std::min(rest_.find("{{"), rest_.size());
    std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    const bool trims = rest_.size() > 3 && rest_[2] == '-' && kSpace.find(rest_[3]) != kSpace.npos;
    if (trims) text = text.substr(0, text.find_last_not_of(kSpace) + 1);
    if (!text.empty()) block.push_back({TextNode{std::string(text)}});
  }

  void trim_start_of_action() {
    if (rest_.size() > 1 && rest_[0] == '-' && kSpace.find(rest_[1]) != kSpace.npos)
      rest_.remove_prefix(1);
    skip_space();
  }

  Result<void> skip_comment() {
    const std::size_t end = rest_.find("*/");
    if (end == std::string_view::npos) return error("the comment has no end");
    rest_.remove_prefix(end + 2);
    return close_action();
  }

  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kSpace), rest_.size()));
  }

  /// Takes }}, or -}} with the space behind it.
  Result<void> close_action() {
    skip_space();
    const bool trims = rest_.starts_with("-}}");
    if (!trims && !rest_.starts_with("}}")) return error("'}}' is expected here");
    rest_.remove_prefix(trims ? 3 : 2);
    if (trims) skip_space();
    return {};
  }

  [[nodiscard]] std::string_view peek_word() const {
    std::size_t size = 0;
    while (size < rest_.size() && (is_letter(rest_[size]) || (size > 0 && is_digit(rest_[size]))))
      ++size;
    return rest_.substr(0, size);
  }
  bool take_word(std::string_view word) {
    if (peek_word() != word) return false;
    rest_.remove_prefix(word.size());
    skip_space();
    return true;
  }

  Result<void> parse_action(Block& block, int depth) {
    const std::string_view word = peek_word();
    if (word == "if" || word == "with" || word == "range") {
      take_word(word);
      return parse_branch(word, block, depth);
    }
    if (word == "end" || word == "else") {
      end_word_ = word;
      take_word(word);
      return word == "end" ? close_action() : Result<void>();
    }
    if (word == "break" || word == "continue") {
      if (range_depth_ == 0) return error(fmt::format("{} outside of range", word));
      take_word(word);
      if (word == "break") {
        block.push_back({BreakNode()});
      } else {
        block.push_back({ContinueNode()});
      }
      return close_action();
    }
    if (word == "define" || word == "template" || word == "block")
      return error(fmt::format("{} is not supported", word));
    LIVEDATA_TRY(Pipe pipe, parse_pipe(depth));
    LIVEDATA_RETURN_IF_ERROR(close_action());
    block.push_back({ActionNode{std::move(pipe)}});
    return {};
  }

  Result<void> parse_branch(std::string_view word, Block& block, int depth) {
    BranchNode branch;
    branch.kind = word == "if"     ? BranchNode::Kind::kIf
                  : word == "with" ? BranchNode::Kind::kWith
                                   : BranchNode::Kind::kRange;
    const std::size_t num_variables = variables_.size();
    LIVEDATA_TRY(branch.pipe, parse_pipe(depth));
    LIVEDATA_RETURN_IF_ERROR(close_action());
    if (branch.kind == BranchNode::Kind::kRange) ++range_depth_;
    LIVEDATA_TRY(branch.body, parse_block(depth + 1));
    if (branch.kind == BranchNode::Kind::kRange) --range_depth_;
    if (end_word_ == "else") {
      if (const std::string_view next = peek_word(); next == "if" || next == "with") {
        take_word(next);
        LIVEDATA_RETURN_IF_ERROR(parse_branch(next, branch.otherwise, depth + 1));
      } else {
        LIVEDATA_RETURN_IF_ERROR(close_action());
        LIVEDATA_TRY(branch.otherwise, parse_block(depth + 1));
        if (end_word_ != "end") return error("{{end}} is missing");
      }
    } else if (end_word_ != "end") {
      return error("{{end}} is missing");
    }
    end_word_ = {};
    variables_.resize(num_variables);
    block.push_back({std::move(branch)});
    return {};
  }

  Result<Pipe> parse_pipe(int depth) {
    if (depth > kMaxDepth) return error("nested too deep");
    Pipe pipe;
    LIVEDATA_RETURN_IF_ERROR(parse_variables(pipe));
    do {
      skip_space();
      LIVEDATA_TRY(Command command, parse_command(depth, !pipe.commands.empty()));
      pipe.commands.push_back(std::move(command));
      skip_space();
    } while (take('|'));
    if (pipe.declares) variables_.insert(variables_.end(), pipe.variables.begin(), pipe.variables.end());
    return pipe;
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// `$x :=`, `$i, $x :=` or `$x =`, if one of them is here.
  Result<void> parse_variables(Pipe& pipe) {
    const std::string_view before = rest_;
    std::vector<std::string> names;
    while (take('$')) {
      const std::string_view name = peek_word();
      rest_.remove_prefix(name.size());
      names.emplace_back(name);
      skip_space();
      if (!take(',')) break;
      skip_space();
    }
    const bool declares = rest_.starts_with(":=");
    const bool assigns = rest_.starts_with("=") && !names.empty();
    if (names.empty() || (!declares && !assigns)) {
      rest_ = before;
      return {};
    }
    if (assigns && !is_known(names.front())) return error("undefined variable $" + names.front());
    rest_.remove_prefix(declares ? 2 : 1);
    pipe.variables = std::move(names);
    pipe.declares = declares;
    return {};
  }

  [[nodiscard]] bool is_known(const std::string& variable) const {
    return variable.empty() ||
           std::find(variables_.begin(), variables_.end(), variable) != variables_.end();
  }

  [[nodiscard]] bool at_command_end() const {
    return rest_.empty() || rest_.front() == '|' || rest_.front() == ')' || rest_.starts_with("}}") ||
           rest_.starts_with("-}}");
  }

  Result<Command> parse_command(int depth, bool has_piped_argument) {
    Command command;
    skip_space();
    while (!at_command_end()) {
      LIVEDATA_TRY(Operand operand, parse_operand(depth));
      command.operands.push_back(std::move(operand));
      skip_space();
    }
    if (command.operands.empty()) return error("a value is missing");
    const auto* call = std::get_if<Operand::Call>(&command.operands.front().base);
    const std::size_t given = command.operands.size() - 1 + (has_piped_argument ? 1 : 0);
    if (call == nullptr) {
      if (given > 0) return error("only functions take arguments");
      return command;
    }
    const Function& function = *call->function;
    if (given < function.min_arguments || given > function.max_arguments) {
      return error(fmt::format("wrong number of args for {}: want {}{} got {}", function.name,
                               function.max_arguments == function.min_arguments ? "" : "at least ",
                               function.min_arguments, given));
    }
    return command;
  }

  Result<Operand> parse_operand(int depth) {
    Operand operand;
    const char c = rest_.front();
    if (c == '(') {
      rest_.remove_prefix(1);
      LIVEDATA_TRY(Pipe inner, parse_pipe(depth + 1));
      skip_space();
      if (!take(')')) return error("')' is missing");
      operand.base = std::make_shared<const Pipe>(std::move(inner));
    } else if (c == '$') {
      rest_.remove_prefix(1);
      const std::string name(peek_word());
      rest_.remove_prefix(name.size());
      if (!is_known(name)) return error("undefined variable $" + name);
      operand.base = Operand::Variable{name};
    } else if (c == '.' && !(rest_.size() > 1 && is_digit(rest_[1]))) {
      operand.base = Operand::Dot();
      if (rest_.size() < 2 || !is_letter(rest_[1])) {
        rest_.remove_prefix(1);
        parsed_.reads_all = true;
        return operand;
      }
    } else if (is_letter(c)) {
      LIVEDATA_TRY(operand.base, parse_word());
      return operand;
    } else {
      LIVEDATA_TRY(Value literal, parse_literal());
      operand.base = std::move(literal);
      return operand;
    }
    parse_chain(operand);
    return operand;
  }

  void parse_chain(Operand& operand) {
    while (rest_.size() > 1 && rest_[0] == '.' && is_letter(rest_[1])) {
      rest_.remove_prefix(1);
      const std::string_view name = peek_word();
      operand.chain.emplace_back(name);
      rest_.remove_prefix(name.size());
    }
    const auto* variable = std::get_if<Operand::Variable>(&operand.base);
    const bool is_root = std::holds_alternative<Operand::Dot>(operand.base) ||
                         (variable != nullptr && variable->name.empty());
    if (!is_root) return;
    if (operand.chain.empty()) {
      parsed_.reads_all = true;
    } else {
      parsed_.fields.insert(operand.chain.front());
    }
  }

  Result<decltype(Operand::base)> parse_word() {
    const std::string_view word = peek_word();
    const Function* function = find_function(word);
    if (function == nullptr && word != "true" && word != "false" && word != "nil")
      return error(fmt::format("function \"{}\" not defined", word));
    rest_.remove_prefix(word.size());
    if (function == nullptr) {
      return decltype(Operand::base)(word == "nil" ? Value() : Value(word == "true"));
    }
    if (word == "__line__") parsed_.reads_line = true;
    return decltype(Operand::base)(Operand::Call{function});
  }

  Result<Value> parse_literal() {
    const char c = rest_.front();
    if (c == '"' || c == '`') {
      LIVEDATA_TRY(std::string text, parse_string(c));
      return Value(std::move(text));
    }
    if (c == '\'') {
      LIVEDATA_TRY(const std::string text, parse_string(c));
      if (text.empty()) return error("empty character constant");
      return Value(static_cast<std::int64_t>(static_cast<unsigned char>(text.front())));
    }
    return parse_number();
  }

  Result<std::string> parse_string(char quote) {
    std::string out;
    std::size_t i = 1;
    for (; i < rest_.size() && rest_[i] != quote; ++i) {
      if (quote == '`' || rest_[i] != '\\') {
        out += rest_[i];
        continue;
      }
      constexpr std::string_view kNames = "abfnrtv\\\"'";
      constexpr std::string_view kValues = "\a\b\f\n\r\t\v\\\"'";
      ++i;
      const std::size_t at = i < rest_.size() ? kNames.find(rest_[i]) : std::string_view::npos;
      if (at != std::string_view::npos) {
        out += kValues[at];
        continue;
      }
      const std::size_t digits = i >= rest_.size() ? 0 : rest_[i] == 'x' ? 2 : rest_[i] == 'u' ? 4 : 0;
      unsigned code = 0;
      const char* const begin = rest_.data() + i + 1;
      if (digits == 0 || i + digits >= rest_.size() ||
          std::from_chars(begin, begin + digits, code, 16).ptr != begin + digits)
        return error("unknown escape in a string");
      out += digits == 2 ? std::string(1, static_cast<char>(code))
                         : format("%c", {Value(static_cast<std::int64_t>(code))});
      i += digits;
    }
    if (i >= rest_.size()) return error("unterminated quoted string");
    rest_.remove_prefix(i + 1);
    return out;
  }

  Result<Value> parse_number() {
    std::size_t size = 0;
    while (size < rest_.size() && (is_digit(rest_[size]) || is_letter(rest_[size]) ||
                                   std::string_view("+-._").find(rest_[size]) != std::string_view::npos))
      ++size;
    std::string_view text = rest_.substr(0, size);
    // "-}}" ends the action.
    if (text.size() > 1 && text.ends_with('-')) text.remove_suffix(1);
    const bool negative = text.starts_with('-');
    std::string_view digits = text.substr(negative || text.starts_with('+') ? 1 : 0);
    const bool hex = digits.starts_with("0x") || digits.starts_with("0X");
    if (hex) digits.remove_prefix(2);
    std::int64_t integer = 0;
    const char* const last = digits.data() + digits.size();
    const auto [end, code] = std::from_chars(digits.data(), last, integer, hex ? 16 : 10);
    if (!digits.empty() && code == std::errc() && end == last) {
      rest_.remove_prefix(text.size());
      return Value(negative ? -integer : integer);
    }
    double number = 0;
    const auto [float_end, float_code] = std::from_chars(digits.data(), last, number);
    if (hex || digits.empty() || is_letter(digits.front()) || float_code != std::errc() ||
        float_end != last)
      return error(fmt::format("unexpected '{}'", rest_.substr(0, std::max<std::size_t>(1, size))));
    rest_.remove_prefix(text.size());
    return Value(negative ? -number : number);
  }

  std::string_view whole_;
  std::string_view rest_;
  Parsed parsed_;
  std::string_view end_word_;
  std::vector<std::string> variables_;
  int range_depth_ = 0;
};

}  // namespace

Result<Parsed> parse_template(std::string_view text) { return Parser(text).run(); }

}  // namespace livedata::query::text_template
