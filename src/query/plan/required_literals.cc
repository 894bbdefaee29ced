// A regex is read as far as it is a sequence of literals, classes and groups. Whatever is optional,
// alternative or not understood gives no literal.
#include "query/plan/required_literals.h"

#include <algorithm>
#include <optional>

namespace livedata::query::plan {
namespace {

constexpr int kMaxDepth = 20;

class Reader {
 public:
  explicit Reader(std::string_view regex) : rest_(regex) {}

  /// Literals of one alternative or group; nothing if what follows is not understood.
  std::optional<std::vector<std::string>> read_sequence(int depth) {
    std::vector<std::string> found;
    std::string run;
    const auto end_run = [&] {
      if (!run.empty()) found.push_back(std::move(run));
      run.clear();
    };
    bool has_alternatives = false;
    while (!rest_.empty() && rest_.front() != ')') {
      std::string atom;                         // bytes, if the next atom is a literal
      std::vector<std::string> group_literals;  // if it is a group
      if (rest_.front() == '|') {
        has_alternatives = true;
        rest_.remove_prefix(1);
        continue;
      }
      if (!read_atom(depth, atom, group_literals)) return std::nullopt;
      const Repeat repeat = read_repeat();
      if (repeat == Repeat::kUnknown) return std::nullopt;
      if (repeat == Repeat::kOptional) {
        end_run();
        continue;
      }
      if (atom.empty()) end_run();
      run += atom;
      for (std::string& literal : group_literals) found.push_back(std::move(literal));
      if (repeat == Repeat::kMany) end_run();
    }
    end_run();
    if (has_alternatives) found.clear();
    return found;
  }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  enum class Repeat { kOnce, kMany, kOptional, kUnknown };

  bool read_atom(int depth, std::string& atom, std::vector<std::string>& group_literals) {
    const char c = rest_.front();
    switch (c) {
      case '(':
        return read_group(depth, group_literals);
      case '[':
        return skip_class();
      case '\\':
        return read_escape(atom);
      case '.':
      case '^':
      case '$':
        rest_.remove_prefix(1);
        return true;
      case '*':
      case '+':
      case '?':
        return false;
      default:
        take_character(atom);
        return true;
    }
  }

  /// One character of UTF-8, since a repetition behind it means all of its bytes.
  void take_character(std::string& atom) {
    std::size_t size = 1;
    while (size < rest_.size() && (static_cast<unsigned char>(rest_[size]) & 0xC0U) == 0x80U)
      ++size;
    atom = rest_.substr(0, size);
    rest_.remove_prefix(size);
  }

  bool read_escape(std::string& atom) {
    if (rest_.size() < 2) return false;
    const char c = rest_[1];
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool is_class = std::string_view("dDsSwWbBAz").find(c) != std::string_view::npos;
    if (is_letter && !is_class) return false;  // \Q, \x, \p, ...
    if (c >= '0' && c <= '9') return false;
    if (!is_letter) atom = c;
    rest_.remove_prefix(2);
    return true;
  }

  bool skip_class() {
    std::size_t i = 1;
    if (i < rest_.size() && rest_[i] == '^') ++i;
    if (i < rest_.size() && rest_[i] == ']') ++i;
    for (; i < rest_.size() && rest_[i] != ']'; ++i) {
      if (rest_[i] == '\\') ++i;
      if (i < rest_.size() && rest_[i] == '[') {  // [:alpha:]
        const std::size_t end = rest_.find(":]", i);
        if (i + 1 < rest_.size() && rest_[i + 1] == ':' && end != std::string_view::npos)
          i = end + 1;
      }
    }
    if (i >= rest_.size()) return false;
    rest_.remove_prefix(i + 1);
    return true;
  }

  bool read_group(int depth, std::vector<std::string>& literals) {
    if (depth >= kMaxDepth) return false;
    rest_.remove_prefix(1);
    if (rest_.starts_with("?")) {
      const bool named = rest_.starts_with("?P<") || rest_.starts_with("?<");
      const std::size_t end = named ? rest_.find('>') : 1;
      // Flags such as (?i) change what a literal means.
      if (end == std::string_view::npos || (!named && !rest_.starts_with("?:"))) return false;
      rest_.remove_prefix(end + 1);
    }
    auto inside = read_sequence(depth + 1);
    if (!inside || rest_.empty()) return false;
    rest_.remove_prefix(1);
    literals = *std::move(inside);
    return true;
  }

  Repeat read_repeat() {
    if (rest_.empty()) return Repeat::kOnce;
    Repeat repeat = Repeat::kOnce;
    switch (rest_.front()) {
      case '*':
      case '?':
        repeat = Repeat::kOptional;
        break;
      case '+':
        repeat = Repeat::kMany;
        break;
      case '{':
        return Repeat::kUnknown;
      default:
        return repeat;
    }
    rest_.remove_prefix(1);
    if (rest_.starts_with('?')) rest_.remove_prefix(1);  // not greedy
    const bool again =
        !rest_.empty() && std::string_view("*+?{").find(rest_.front()) != std::string_view::npos;
    return again ? Repeat::kUnknown : repeat;
  }

  std::string_view rest_;
};

}  // namespace

std::vector<std::string> required_literals(std::string_view regex) {
  Reader reader(regex);
  auto literals = reader.read_sequence(0);
  if (!literals || !reader.at_end()) return {};
  return *std::move(literals);
}

std::vector<std::string> literal_choice(std::string_view regex) {
  constexpr std::string_view kSpecial = "()[]{}.*+?^$|\\";
  if (regex.size() > 1 && regex.front() == '(' && regex.back() == ')') {
    regex = regex.substr(1, regex.size() - 2);
    if (regex.starts_with("?:")) regex.remove_prefix(2);
  }
  std::vector<std::string> out(1);
  for (std::size_t i = 0; i < regex.size(); ++i) {
    if (regex[i] == '|') {
      out.emplace_back();
    } else if (regex[i] == '\\' && i + 1 < regex.size() &&
               kSpecial.find(regex[i + 1]) != std::string_view::npos) {
      out.back() += regex[++i];
    } else if (kSpecial.find(regex[i]) == std::string_view::npos) {
      out.back() += regex[i];
    } else {
      return {};
    }
  }
  const bool has_empty =
      std::any_of(out.begin(), out.end(), [](const auto& s) { return s.empty(); });
  return has_empty ? std::vector<std::string>() : out;
}

}  // namespace livedata::query::plan
