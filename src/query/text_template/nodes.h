#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <re2/re2.h>

#include "base/result.h"
#include "query/text_template/functions.h"
#include "query/text_template/value.h"

namespace livedata::query::text_template {

struct Pipe;

/// Something that has a value. `chain` holds the members asked of it: .a.b
struct Operand {
  struct Dot {};
  struct Variable {
    std::string name;
  };
  struct Call {
    const Function* function = nullptr;
    std::shared_ptr<const re2::RE2> regex = nullptr;  // compiled once, if it is a literal
  };
  std::variant<Value, Dot, Variable, Call, std::shared_ptr<const Pipe>> base;
  std::vector<std::string> chain = {};
};

/// A function with its arguments, or one operand.
struct Command {
  std::vector<Operand> operands;
};

/// `$x := a | b`
struct Pipe {
  std::vector<std::string> variables = {};
  bool declares = false;  ///< :=, else =
  std::vector<Command> commands = {};
};

struct Node;
using Block = std::vector<Node>;

struct TextNode {
  std::string text;
};
struct ActionNode {
  Pipe pipe;
};
struct BranchNode {
  enum class Kind { kIf, kWith, kRange } kind = Kind::kIf;
  Pipe pipe;
  Block body;
  Block otherwise;
};
struct BreakNode {};
struct ContinueNode {};

struct Node {
  std::variant<TextNode, ActionNode, BranchNode, BreakNode, ContinueNode> content;
};

struct Parsed {
  Block block;
  std::set<std::string> fields;
  bool reads_all = false;
  bool reads_line = false;
};

Result<Parsed> parse_template(std::string_view text);

}  // namespace livedata::query::text_template
