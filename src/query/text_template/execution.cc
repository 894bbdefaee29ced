#include "query/text_template/execution.h"

#include <utility>

#include "query/text_template/time_layout.h"

namespace livedata::query::text_template {
namespace {

constexpr std::size_t kMaxSteps = 10000;                   // of all loops together
constexpr std::size_t kMaxMadeBytes = 16 * kMaxTextBytes;  // texts of all calls together

enum class Flow { kOn, kBreak, kContinue };

/// What a range runs over; items are made when they are asked for.
class Items {
 public:
  static Result<Items> of(Value value) {
    Items items;
    if (const auto* list = std::get_if<List>(&value)) {
      items.size_ = (*list)->size();
    } else if (const auto* map = std::get_if<Map>(&value)) {
      items.size_ = (*map)->values.size();
      items.next_ = (*map)->values.begin();
    } else if (const auto* count = std::get_if<std::int64_t>(&value)) {
      items.size_ = *count > 0 ? static_cast<std::size_t>(*count) : 0;
    } else if (!is_nil(value)) {
      return fail(ErrorCode::kInvalidArgument, "range can't iterate over {}", type_name(value));
    }
    items.value_ = std::move(value);
    return items;
  }

  [[nodiscard]] bool empty() const { return size_ == 0; }

  bool next(Value& key, Value& item) {
    if (at_ == size_) return false;
    if (std::holds_alternative<Map>(value_)) {
      key = Value(next_->first);
      item = next_->second;
      ++next_;
    } else {
      key = Value(static_cast<std::int64_t>(at_));
      const auto* list = std::get_if<List>(&value_);
      item = list != nullptr ? (**list)[at_] : key;
    }
    ++at_;
    return true;
  }

 private:
  Value value_;
  std::size_t size_ = 0;
  std::size_t at_ = 0;
  std::map<std::string, Value>::const_iterator next_;
};

class Execution {
 public:
  Execution(const Data& data, std::string& out)
      : data_(data),
        context_{.line = data.line, .timestamp = data.timestamp_ns, .now = data.now_ns},
        out_(out),
        max_out_(out.size() + kMaxTextBytes) {}

  Result<Flow> run(const Block& block) {
    for (const Node& node : block) {
      LIVEDATA_TRY(const Flow flow, run(node));
      if (flow != Flow::kOn) return flow;
      if (out_.size() > max_out_) {
        return fail(ErrorCode::kInvalidArgument, "the output is larger than {} bytes",
                    kMaxTextBytes);
      }
    }
    return Flow::kOn;
  }

 private:
  struct Variable {
    const std::string* name = nullptr;
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
      auto flow =
          branch->kind == BranchNode::Kind::kRange ? run_range(*branch) : run_branch(*branch);
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
    if (!pipe.variables.empty()) return Flow::kOn;
    if (const auto* text = std::get_if<std::string>(&value)) {
      out_ += *text;
    } else {
      out_ += is_nil(value) ? "<no value>" : to_text(value);
    }
    return Flow::kOn;
  }

  static const std::string* plain_field(const Pipe& pipe) {
    if (!pipe.variables.empty() || pipe.commands.size() != 1 ||
        pipe.commands.front().operands.size() != 1)
      return nullptr;
    const Operand& operand = pipe.commands.front().operands.front();
    const bool is_field =
        std::holds_alternative<Operand::Dot>(operand.base) && operand.chain.size() == 1;
    return is_field ? operand.chain.data() : nullptr;
  }

  Result<Flow> run_branch(const BranchNode& branch) {
    LIVEDATA_TRY(Value value, evaluate(branch.pipe));
    if (!is_true(value)) return run(branch.otherwise);
    if (branch.kind == BranchNode::Kind::kIf) return run(branch.body);
    return run_with_dot(std::move(value), branch.body);
  }

  Result<Flow> run_with_dot(Value dot, const Block& body) {
    std::optional<Value> before = std::exchange(dot_, std::move(dot));
    auto flow = run(body);
    dot_ = std::move(before);
    return flow;
  }

  Result<Flow> run_range(const BranchNode& branch) {
    LIVEDATA_TRY(Value value, evaluate_commands(branch.pipe));
    LIVEDATA_TRY(Items items, Items::of(std::move(value)));
    if (items.empty()) return run(branch.otherwise);
    const std::size_t scope = variables_.size();
    const std::vector<std::string>& names = branch.pipe.variables;
    Value key;
    Value item;
    while (items.next(key, item)) {
      if (++steps_ > kMaxSteps)
        return fail(ErrorCode::kInvalidArgument, "the loops take more than {} steps", kMaxSteps);
      variables_.resize(scope);
      if (names.size() == 2) set_variable(names.front(), branch.pipe.declares, std::move(key));
      if (!names.empty()) set_variable(names.back(), branch.pipe.declares, item);
      LIVEDATA_TRY(const Flow flow, run_with_dot(std::move(item), branch.body));
      if (flow == Flow::kBreak) break;
    }
    return Flow::kOn;
  }

  Result<Value> evaluate(const Pipe& pipe) {
    auto value = evaluate_commands(pipe);
    if (value && !pipe.variables.empty())
      set_variable(pipe.variables.back(), pipe.declares, *value);
    return value;
  }

  Result<Value> evaluate_commands(const Pipe& pipe) {
    std::optional<Value> value;
    for (const Command& command : pipe.commands) {
      LIVEDATA_TRY(value, evaluate(command, std::move(value)));
    }
    return value ? *std::move(value) : Value();
  }

  [[nodiscard]] Value* find_variable(const std::string& name) {
    for (auto it = variables_.rbegin(); it != variables_.rend(); ++it) {
      if (*it->name == name) return &it->value;
    }
    return nullptr;
  }

  /// `name` is that of the template, which outlives the execution.
  void set_variable(const std::string& name, bool declares, Value value) {
    Value* known = declares ? nullptr : find_variable(name);
    if (known != nullptr) {
      *known = std::move(value);
    } else {
      variables_.push_back({&name, std::move(value)});
    }
  }

  Result<std::optional<Value>> evaluate(const Command& command, std::optional<Value> piped) {
    const Operand& first = command.operands.front();
    const auto* call = std::get_if<Operand::Call>(&first.base);
    if (call == nullptr || !first.chain.empty()) {
      LIVEDATA_TRY(Value value, evaluate(first));
      return std::optional(std::move(value));
    }
    if (call->function->name == "and" || call->function->name == "or")
      return evaluate_logic(call->function->name == "and", command, std::move(piped));
    std::vector<Value> arguments;
    arguments.reserve(command.operands.size());
    for (std::size_t i = 1; i < command.operands.size(); ++i) {
      LIVEDATA_TRY(Value argument, evaluate(command.operands[i]));
      arguments.push_back(std::move(argument));
    }
    if (piped) arguments.push_back(*std::move(piped));
    LIVEDATA_TRY(Value value, call_function(*call, arguments));
    return std::optional(std::move(value));
  }

  Result<Value> call_function(const Operand::Call& call, const std::vector<Value>& arguments) {
    const std::string_view name = call.function->name;
    context_.regex = call.regex.get();
    auto value = call.function->call(arguments, context_);
    if (!value)
      return fail(std::move(value).error().with_context(fmt::format("error calling {}", name)));
    if (const auto* text = std::get_if<std::string>(&*value)) {
      // A variable that is set to twice itself in a loop would else fill the memory.
      if (text->size() > kMaxTextBytes) {
        return fail(Error(too_long().value()).with_context(fmt::format("error calling {}", name)));
      }
      made_bytes_ += text->size();
      if (made_bytes_ > kMaxMadeBytes) {
        return fail(ErrorCode::kInvalidArgument, "the functions make more than {} bytes of text",
                    kMaxMadeBytes);
      }
    }
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
    if (const auto* call = std::get_if<Operand::Call>(&operand.base))
      return call_function(*call, {});
    if (const auto* pipe = std::get_if<std::shared_ptr<const Pipe>>(&operand.base))
      return evaluate(**pipe);
    const auto* variable = std::get_if<Operand::Variable>(&operand.base);
    if (variable != nullptr && !variable->name.empty()) {
      if (const Value* value = find_variable(variable->name)) return *value;
      return fail(ErrorCode::kInvalidArgument, "undefined variable ${}", variable->name);
    }
    if (variable == nullptr && dot_) return *dot_;
    if (operand.chain.empty()) return all_labels();
    used = 1;
    return Value(data_.find(operand.chain.front()).value_or(std::string()));
  }

  [[nodiscard]] Value all_labels() const {
    auto labels = std::make_shared<Members>();
    labels->are_labels = true;
    for (auto& [name, value] : data_.all()) labels->values.emplace(name, Value(value));
    return Value(Map(std::move(labels)));
  }

  static Result<Value> member(const Value& value, const std::string& name) {
    if (const auto* map = std::get_if<Map>(&value)) return (*map)->find(name);
    if (const auto* time = std::get_if<Time>(&value)) {
      if (name == "Unix") return Value(units_since_epoch(*time, kNsPerSecond));
      if (name == "UnixMilli") return Value(units_since_epoch(*time, kNsPerSecond / 1000));
      if (name == "UnixMicro") return Value(units_since_epoch(*time, 1000));
      if (name == "UnixNano") return Value(time->ns);
      if (name == "String") return Value(to_text(value));
    }
    if (is_nil(value))
      return fail(ErrorCode::kInvalidArgument, "nil pointer evaluating interface {{}}.{}", name);
    return fail(ErrorCode::kInvalidArgument, "can't evaluate field {} in type {}", name,
                type_name(value));
  }

  const Data& data_;
  CallContext context_;
  std::string& out_;
  std::size_t max_out_;
  std::optional<Value> dot_;  // none: the labels
  std::vector<Variable> variables_;
  std::size_t steps_ = 0;
  std::size_t made_bytes_ = 0;
};

}  // namespace

Result<void> execute(const Block& block, const Data& data, std::string& out) {
  LIVEDATA_RETURN_IF_ERROR(Execution(data, out).run(block));
  return {};
}

}  // namespace livedata::query::text_template
