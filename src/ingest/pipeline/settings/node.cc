#include "ingest/pipeline/settings/node.h"

#include <algorithm>

#include <yaml-cpp/yaml.h>

namespace livedata::ingest::pipeline {
namespace {

// Aliases make a small file large; no configuration needs so much.
constexpr std::size_t kMaxNodes = 100'000;
constexpr int kMaxDepth = 32;

/// Copies what yaml-cpp read, which hides where things stand.
class Copier {
 public:
  explicit Copier(std::string_view file_name) : file_name_(file_name) {}

  Result<Node> copy(const YAML::Node& from, int depth) {
    Node to;
    to.line = from.Mark().line + 1;
    to.column = from.Mark().column + 1;
    if (++num_nodes_ > kMaxNodes || depth > kMaxDepth)
      return wrong(to, "the file holds too much, or repeats itself by aliases");
    if (from.IsScalar()) {
      to.kind = Node::Kind::kScalar;
      to.text = from.Scalar();
    } else if (from.IsSequence()) {
      to.kind = Node::Kind::kList;
      for (const YAML::Node& item : from) {
        LIVEDATA_TRY(Node copied, copy(item, depth + 1));
        to.items.push_back(std::move(copied));
      }
    } else if (from.IsMap()) {
      to.kind = Node::Kind::kMap;
      LIVEDATA_RETURN_IF_ERROR(copy_members(from, depth, to));
    }
    return to;
  }

 private:
  Result<void> copy_members(const YAML::Node& from, int depth, Node& to) {
    for (const auto& member : from) {
      LIVEDATA_TRY(Node key, copy(member.first, depth + 1));
      if (key.kind != Node::Kind::kScalar) return wrong(key, "a key must be a plain word");
      if (to.find(key.text) != nullptr)
        return wrong(key, fmt::format("the key '{}' is there twice", key.text));
      LIVEDATA_TRY(Node value, copy(member.second, depth + 1));
      // An empty value has no place of its own.
      if (value.kind == Node::Kind::kNull) {
        value.line = key.line;
        value.column = key.column;
      }
      to.keys.push_back(std::move(key));
      to.items.push_back(std::move(value));
    }
    return {};
  }

  [[nodiscard]] tl::unexpected<Error> wrong(const Node& at, std::string_view what) const {
    return fail(ErrorCode::kInvalidArgument, "{}:{}:{}: {}", file_name_, at.line, at.column, what);
  }

  std::string_view file_name_;
  std::size_t num_nodes_ = 0;
};

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [key](const Node& k) { return k.text == key; });
  return found == keys.end() ? nullptr : &items[static_cast<std::size_t>(found - keys.begin())];
}

Result<Node> read_section(std::string_view yaml_text, std::string_view file_name,
                          std::string_view key) {
  // yaml-cpp reports mistakes by exceptions; they end here.
  try {
    const YAML::Node root = YAML::Load(std::string(yaml_text));
    if (!root.IsMap()) return Node();
    for (const auto& member : root) {
      if (member.first.IsScalar() && member.first.Scalar() == key)
        return Copier(file_name).copy(member.second, 0);
    }
    return Node();
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::kInvalidArgument, "{}:{}:{}: {}", file_name, error.mark.line + 1,
                error.mark.column + 1, error.msg);
  }
}

}  // namespace livedata::ingest::pipeline
