// Text is cut at {{ and }}; what is inside is parsed by recursive descent
// (pkg.go.dev/text/template).
#include <algorithm>

#include "query/text_template/nodes.h"
#include "query/text_template/pipe_parser.h"

namespace livedata::query::text_template {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : cursor_(text), pipes_(cursor_, parsed_) {}

  Result<Parsed> run() {
    LIVEDATA_TRY(parsed_.block, parse_block(0));
    if (!end_word_.empty()) return cursor_.error(fmt::format("unexpected {{{{{}}}}}", end_word_));
    return std::move(parsed_);
  }

 private:
  /// Up to {{end}}, {{else}} or the end of the text; end_word_ tells which.
  Result<Block> parse_block(int depth) {
    if (depth > kMaxDepth) return cursor_.error("nested too deep");
    Block block;
    end_word_ = {};
    while (!cursor_.rest().empty()) {
      add_text(block);
      if (cursor_.rest().empty()) break;
      start_action();
      if (cursor_.rest().starts_with("/*")) {
        LIVEDATA_RETURN_IF_ERROR(skip_comment());
        continue;
      }
      LIVEDATA_RETURN_IF_ERROR(parse_action(block, depth));
      if (!end_word_.empty()) break;
    }
    return block;
  }

  /// Whether {{ at the start of a text is {{- and a space.
  static bool trims_before(std::string_view text) {
    return text.size() > 3 && text[2] == '-' && Cursor::kSpace.find(text[3]) != Cursor::kSpace.npos;
  }

  void add_text(Block& block) {
    std::string_view text = cursor_.rest();
    text = text.substr(0, text.find("{{"));
    cursor_.skip(text.size());
    if (trims_before(cursor_.rest()))
      text = text.substr(0, text.find_last_not_of(Cursor::kSpace) + 1);
    if (!text.empty()) block.push_back({TextNode{std::string(text)}});
  }

  void start_action() {
    cursor_.skip(trims_before(cursor_.rest()) ? 3 : 2);
    cursor_.skip_space();
  }

  Result<void> skip_comment() {
    const std::size_t end = cursor_.rest().find("*/", 2);
    if (end == std::string_view::npos) return cursor_.error("unclosed comment");
    cursor_.skip(end + 2);
    return close_action();
  }

  /// Takes }}, or -}} with the space behind it.
  Result<void> close_action() {
    cursor_.skip_space();
    if (!cursor_.at_action_end()) return cursor_.unexpected("an action");
    const bool trims = cursor_.at_trimming_end();
    cursor_.skip(trims ? 3 : 2);
    if (trims) cursor_.skip_space();
    return {};
  }

  Result<void> parse_action(Block& block, int depth) {
    const std::string_view word = cursor_.peek_word();
    if (word == "if" || word == "with" || word == "range") {
      cursor_.take_word();
      return parse_branch(word, block, depth);
    }
    if (word == "end" || word == "else") {
      end_word_ = cursor_.take_word();
      return word == "end" ? close_action() : Result<void>();
    }
    if (word == "break" || word == "continue") {
      if (range_depth_ == 0)
        return cursor_.error(fmt::format("{{{{{}}}}} outside {{{{range}}}}", word));
      cursor_.take_word();
      block.push_back(word == "break" ? Node{BreakNode()} : Node{ContinueNode()});
      return close_action();
    }
    if (word == "define" || word == "template" || word == "block")
      return cursor_.error(fmt::format("{{{{{}}}}} is not supported", word));
    LIVEDATA_TRY(Pipe pipe, pipes_.parse(depth));
    if (pipe.variables.size() > 1) return cursor_.error("too many declarations in an action");
    LIVEDATA_RETURN_IF_ERROR(close_action());
    block.push_back({ActionNode{std::move(pipe)}});
    return {};
  }

  Result<void> parse_branch(std::string_view word, Block& block, int depth) {
    BranchNode branch;
    branch.kind = word == "if"     ? BranchNode::Kind::kIf
                  : word == "with" ? BranchNode::Kind::kWith
                                   : BranchNode::Kind::kRange;
    const std::size_t num_variables = pipes_.variables.size();
    LIVEDATA_TRY(branch.pipe, pipes_.parse(depth));
    if (branch.pipe.variables.size() > 1 && branch.kind != BranchNode::Kind::kRange)
      return cursor_.error(fmt::format("too many declarations in {}", word));
    LIVEDATA_RETURN_IF_ERROR(close_action());
    LIVEDATA_TRY(branch.body, parse_body(branch.kind, depth + 1));
    if (end_word_ == "else") {
      LIVEDATA_TRY(branch.otherwise, parse_else(word, depth + 1));
    }
    if (end_word_ != "end") {
      return cursor_.error(end_word_ == "else"
                               ? fmt::format("a second {{{{else}}}} of {}", word)
                               : fmt::format("{{{{end}}}} is missing for {}", word));
    }
    end_word_ = {};
    pipes_.variables.resize(num_variables);
    block.push_back({std::move(branch)});
    return {};
  }

  Result<Block> parse_body(BranchNode::Kind kind, int depth) {
    const bool outer = pipes_.dot_is_labels;
    const int loops = kind == BranchNode::Kind::kRange ? 1 : 0;
    if (kind != BranchNode::Kind::kIf) pipes_.dot_is_labels = false;
    range_depth_ += loops;
    auto body = parse_block(depth);
    range_depth_ -= loops;
    pipes_.dot_is_labels = outer;
    return body;
  }

  /// What is behind {{else, up to the end of the branch that `word` begins.
  Result<Block> parse_else(std::string_view word, int depth) {
    if (cursor_.peek_word() == word && word != "range") {
      cursor_.take_word();
      if (depth > kMaxDepth) return cursor_.error("nested too deep");
      Block chained;
      LIVEDATA_RETURN_IF_ERROR(parse_branch(word, chained, depth));
      // The {{end}} was that of both.
      end_word_ = "end";
      return chained;
    }
    LIVEDATA_RETURN_IF_ERROR(close_action());
    return parse_block(depth);
  }

  Cursor cursor_;
  Parsed parsed_;
  PipeParser pipes_;
  std::string_view end_word_;
  int range_depth_ = 0;
};

}  // namespace

Result<Parsed> parse_template(std::string_view text) { return Parser(text).run(); }

}  // namespace livedata::query::text_template
