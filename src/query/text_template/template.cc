#include "query/text_template/template.h"

#include "query/text_template/nodes.h"

namespace livedata::query::text_template {
namespace {

constexpr std::size_t kMaxOutputBytes = 1024 * 1024;
constexpr std::size_t kMaxSteps = 10000;  // of loops

enum class Flow { kOn, kBreak, kContinue };

class Execution {
 public:
  Execution(const Data& data, std::string& out)
      : data_(data), context_{data.line, data.timestamp_ns, data.now_ns}, out_(out) {}

  Result<Flow> run(const Block& block) {
    for (const Node& node : block) {
      LIVEDATA_TRY(const Flow flow, run(node));
      if (flow != Flow::kOn) return flow;
      if (out_.size() > kMaxOutputBytes)
        return fail(ErrorCode::kInvalidArgument, "the output is larger than {} bytes", kMaxOutputBytes);
    }
    return Flow::kOn;
  }

 private:
  struct Variable {
    std::string name;
    Value value;
  };

  Result<Flow> run(const Node& node) {
    if (const auto* text = std::get_if<TextNode>(&node.content)) {
      out_ += text->text;
      return Flow::kOn;
    }
    if (const auto* action = std::get_if<ActionNode>(&node.content)) return run(action->pipe);
    if (const auto* branch = std::get_if<BranchNode>(&node.content)) {
      const std::size_t scope = variables_.size();
      auto flow = branch->kind == BranchNode::Kind::kRange ? run_range(*branch) : run_branch(*branch);
      variables_.resize(scope);
      return flow;
    }
    return std::holds_alternative<BreakNode>(node.content) ? Flow::kBreak : Flow::kContinue;
  }

  Result<Flow> run(const Pipe& pipe) {
    // A label on its own is most of what is written, and needs no value in between.
    if (const std::string* field = plain_field(pipe); field != nullptr && !dot_) {
      if (const auto value = data_.find(*field)) out_ += *value;
      return Flow::kOn;
    }
    LIVEDATA_TRY(const Value value, evaluate(pipe));
    if (pipe.variables.empty()) out_ += to_text(value);
    return Flow::kOn;
  }

  static const std::string* plain_field(const Pipe& pipe) {
    if (!pipe.variables.empty() || pipe.commands.size() != 1 ||
        pipe.commands.front().operands.size() != 1)
      return nullptr;
    const Operand& operand = pipe.commands.front().operands.front();
    const bool is_field = std::holds_alternative<Operand::Dot>(operand.base) && operand.chain.size() == 1;
    return is_field ? operand.chain.data() : nullptr;
  }

  Result<Flow> run_branch(const BranchNode& branch) {
    LIVEDATA_TRY(const Value value, evaluate(branch.pipe));
    if (!is_true(value)) return run(branch.otherwise);
    if (branch.kind == BranchNode::Kind::kIf) return run(branch.body);
    return run_with_dot(value, branch.body);
  }

  Result<Flow> run_with_dot(Value dot, const Block& body) {
    std::optional<Value> before = std::exchange(dot_, std::move(dot));
    auto flow = run(body);
    dot_ = std::move(before);
    return flow;
  }

  Result<Flow> run_range(const BranchNode& branch) {
    const std::size_t scope = variables_.size();
    Pipe without_variables{.commands = branch.pipe.commands};
    LIVEDATA_TRY(const Value value, evaluate(without_variables));
    std::vector<std::pair<Value, Value>> items;
    if (const auto* list = std::get_if<List>(&value)) {
      for (const Value& item : **list)
        items.emplace_back(Value(static_cast<std::int64_t>(items.size())), item);
    } else if (const auto* map = std::get_if<Map>(&value)) {
      for (const auto& [key, item] : **map) items.emplace_back(Value(key), item);
    } else if (const auto* count = std::get_if<std::int64_t>(&value)) {
      for (std::int64_t i = 0; i < *count && items.size() <= kMaxSteps; ++i)
        items.emplace_back(Value(i), Value(i));
    } else if (value.index() != 0) {
      return fail(ErrorCode::kInvalidArgument, "range can't iterate over {}", to_text(value));
    }
    if (items.empty()) return run(branch.otherwise);
    for (auto& [key, item] : items) {
      if (++steps_ > kMaxSteps)
        return fail(ErrorCode::kInvalidArgument, "the loops take more than {} steps", kMaxSteps);
      variables_.resize(scope);
      const auto& names = branch.pipe.variables;
      if (names.size() == 2) variables_.push_back({names[0], key});
      if (!names.empty()) variables_.push_back({names.back(), item});
      LIVEDATA_TRY(const Flow flow, run_with_dot(std::move(item), branch.body));
      if (flow == Flow::kBreak) break;
    }
    return Flow::kOn;
  }

  Result<Value> evaluate(const Pipe& pipe) {
    std::optional<Value> value;
    for (const Command& command : pipe.commands) {
      LIVEDATA_TRY(value, evaluate(command, std::move(value)));
    }
    Value result = value ? *std::move(value) : Value();
    if (!pipe.variables.empty()) set_variable(pipe, result);
    return result;
  }

  void set_variable(const Pipe& pipe, const Value& value) {
    const std::string& name = pipe.variables.back();
    if (!pipe.declares) {
      for (auto it = variables_.rbegin(); it != variables_.rend(); ++it) {
        if (it->name != name) continue;
        it->value = value;
        return;
      }
    }
    variables_.push_back({name, value});
  }

  Result<std::optional<Value>> evaluate(const Command& command, std::optional<Value> piped) {
    const Operand& first = command.operands.front();
    const auto* call = std::get_if<Operand::Call>(&first.base);
    if (call == nullptr) {
      LIVEDATA_TRY(Value value, evaluate(first));
      return std::optional(std::move(value));
    }
    const Function& function = *call->function;
    if (function.name == "and" || function.name == "or")
      return evaluate_logic(function.name == "and", command, std::move(piped));
    std::vector<Value> arguments;
    for (std::size_t i = 1; i < command.operands.size(); ++i) {
      LIVEDATA_TRY(Value argument, evaluate(command.operands[i]));
      arguments.push_back(std::move(argument));
    }
    if (piped) arguments.push_back(*std::move(piped));
    LIVEDATA_TRY(Value value, call_function(function, arguments));
    return std::optional(std::move(value));
  }

  Result<Value> call_function(const Function& function, const std::vector<Value>& arguments) {
    auto value = function.call(arguments, context_);
    if (!value) return fail(std::move(value).error().with_context("error calling " + std::string(function.name)));
    return value;
  }

  /// The first argument that decides; the rest is not looked at.
  Result<std::optional<Value>> evaluate_logic(bool is_and, const Command& command,
                                              std::optional<Value> piped) {
    Value value;
    for (std::size_t i = 1; i < command.operands.size(); ++i) {
      LIVEDATA_TRY(value, evaluate(command.operands[i]));
      if (is_true(value) != is_and) return std::optional(std::move(value));
    }
    return std::optional(piped ? *std::move(piped) : std::move(value));
  }

  Result<Value> evaluate(const Operand& operand) {
    if (const auto* call = std::get_if<Operand::Call>(&operand.base)) {
      if (call->function->min_arguments > 0) {
        return fail(ErrorCode::kInvalidArgument, "wrong number of args for {}: want {} got 0",
                    call->function->name, call->function->min_arguments);
      }
      return call_function(*call->function, {});
    }
    std::size_t used = 0;
    LIVEDATA_TRY(Value value, evaluate_base(operand, used));
    for (std::size_t i = used; i < operand.chain.size(); ++i) {
      LIVEDATA_TRY(value, member(value, operand.chain[i]));
    }
    return value;
  }

  /// `used` tells how much of the chain is in the value already.
  Result<Value> evaluate_base(const Operand& operand, std::size_t& used) {
    if (const auto* literal = std::get_if<Value>(&operand.base)) return *literal;
    if (const auto* pipe = std::get_if<std::shared_ptr<const Pipe>>(&operand.base))
      return evaluate(**pipe);
    const auto* variable = std::get_if<Operand::Variable>(&operand.base);
    if (variable != nullptr && !variable->name.empty()) {
      for (auto it = variables_.rbegin(); it != variables_.rend(); ++it) {
        if (it->name == variable->name) return it->value;
      }
      return fail(ErrorCode::kInvalidArgument, "undefined variable ${}", variable->name);
    }
    if (variable == nullptr && dot_) return *dot_;
    if (operand.chain.empty()) return all_labels();
    used = 1;
    return Value(data_.find(operand.chain.front()).value_or(std::string()));
  }

  [[nodiscard]] Value all_labels() const {
    auto map = std::make_shared<std::map<std::string, Value>>();
    for (auto& [name, value] : data_.all()) map->emplace(name, Value(value));
    return Value(Map(std::move(map)));
  }

  static Result<Value> member(const Value& value, const std::string& name) {
    if (const auto* map = std::get_if<Map>(&value)) {
      const auto found = (*map)->find(name);
      return found == (*map)->end() ? Value() : found->second;
    }
    if (const auto* time = std::get_if<Time>(&value)) {
      if (name == "Unix") return Value(time->ns / kNsPerSecond);
      if (name == "UnixNano") return Value(time->ns);
      if (name == "UnixMilli") return Value(time->ns / (kNsPerSecond / 1000));
    }
    return fail(ErrorCode::kInvalidArgument, "can't evaluate field {} in type {}", name,
                type_name(value));
  }

  const Data& data_;
  CallContext context_;
  std::string& out_;
  std::optional<Value> dot_;  // none: the labels
  std::vector<Variable> variables_;
  std::size_t steps_ = 0;
};

}  // namespace

class Template::Compiled {
 public:
  explicit Compiled(Parsed p) : parsed(std::move(p)) {}
  Parsed parsed;
};

Result<Template> Template::parse(std::string_view text) {
  LIVEDATA_TRY(Parsed parsed, parse_template(text));
  return Template(std::make_shared<const Compiled>(std::move(parsed)));
}

Result<void> Template::run(const Data& data, std::string& out) const {
  LIVEDATA_RETURN_IF_ERROR(Execution(data, out).run(compiled_->parsed.block));
  return {};
}

const std::set<std::string>& Template::fields() const { return compiled_->parsed.fields; }
bool Template::reads_all() const { return compiled_->parsed.reads_all; }
bool Template::reads_line() const { return compiled_->parsed.reads_line; }

}  // namespace livedata::query::text_template
