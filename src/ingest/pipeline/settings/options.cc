#include "ingest/pipeline/settings/options.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <re2/re2.h>

#include "base/nearest_name.h"
#include "base/time_format.h"
#include "ingest/pipeline/settings/selector.h"

namespace livedata::ingest::pipeline {
namespace {

constexpr std::int64_t kRegexMemory = 4 << 20;

/// The number that the whole text is, if it lies within the bounds.
template <class Number>
std::optional<Number> number_of(std::string_view text, Number least, Number most) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  return is_number && value >= least && value <= most ? std::optional(value) : std::nullopt;
}

std::string_view kind_name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kNull:
      return "nothing";
    case Node::Kind::kScalar:
      return "a text";
    case Node::Kind::kList:
      return "a list";
    case Node::Kind::kMap:
      return "a map";
  }
  return "";
}

}  // namespace

tl::unexpected<Error> Scope::wrong(const Node& at, std::string_view message) const {
  return fail(ErrorCode::kInvalidArgument, "{}:{}:{}: {}{}{}", file_name, at.line, at.column, what,
              what.empty() ? "" : ": ", message);
}

std::string hint_of(std::string_view wanted, const std::vector<std::string_view>& known) {
  const std::string_view nearest = nearest_name(wanted.substr(0, 64), known);
  if (!nearest.empty() && edit_distance(wanted.substr(0, 64), nearest) <= 1 + nearest.size() / 3)
    return fmt::format("did you mean '{}'?", nearest);
  std::string all;
  for (const std::string_view name : known) all += (all.empty() ? "" : ", ") + std::string(name);
  return fmt::format("expected one of: {}", all);
}

std::string with_re2_groups(std::string_view pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view rest = pattern.substr(i);
    if (rest.starts_with('\\') && rest.size() > 1) {
      out += rest.substr(0, 2);
      ++i;
    } else if (rest.starts_with("(?<") && !rest.starts_with("(?<=") && !rest.starts_with("(?<!")) {
      out += "(?P<";
      i += 2;
    } else {
      out += pattern[i];
    }
  }
  return out;
}

Options::Options(const Node& node, Scope scope, std::string_view shorthand)
    : node_(&node), scope_(std::move(scope)), shorthand_(shorthand) {
  const bool is_short = node.kind == Node::Kind::kScalar || node.kind == Node::Kind::kList;
  if (is_short && shorthand.empty())
    mistake_at(node, fmt::format("expected a map of options, not {}", kind_name(node.kind)));
}

const Node* Options::node(std::string_view name) {
  if (std::find(known_.begin(), known_.end(), name) == known_.end()) known_.emplace_back(name);
  if (node_->kind == Node::Kind::kMap) {
    const Node* found = node_->find(name);
    if (found != nullptr && found->kind == Node::Kind::kNull) {
      mistake_at(*found, fmt::format("'{}' has no value", name));
      return nullptr;
    }
    return found;
  }
  return node_->kind != Node::Kind::kNull && name == shorthand_ ? node_ : nullptr;
}

bool Options::has(std::string_view name) { return node(name) != nullptr; }

void Options::mistake_at(const Node& at, std::string_view message) {
  if (!mistake_) mistake_ = scope_.wrong(at, message).value();
}

void Options::mistake(std::string_view option, std::string_view message) {
  const Node* at = node(option);
  mistake_at(at == nullptr ? *node_ : *at, message);
}

void Options::require(std::string_view option, std::string_view example) {
  if (!has(option)) mistake_at(*node_, fmt::format("'{}' is missing, such as {}", option, example));
}

const Node* Options::scalar(std::string_view name, std::string_view expected) {
  const Node* found = node(name);
  if (found == nullptr || found->kind == Node::Kind::kScalar) return found;
  mistake_at(*found,
             fmt::format("'{}' must be {}, not {}", name, expected, kind_name(found->kind)));
  return nullptr;
}

std::string Options::text(std::string_view name, std::string_view otherwise) {
  const Node* found = scalar(name, "a text");
  return found == nullptr ? std::string(otherwise) : found->text;
}

bool Options::flag(std::string_view name, bool otherwise) {
  const Node* found = scalar(name, "true or false");
  if (found == nullptr) return otherwise;
  if (found->text == "true" || found->text == "yes" || found->text == "on") return true;
  if (found->text != "false" && found->text != "no" && found->text != "off")
    mistake_at(*found, fmt::format("'{}' must be true or false, not '{}'", name, found->text));
  return false;
}

double Options::number(std::string_view name, double otherwise, double least, double most) {
  const Node* found = scalar(name, "a number");
  if (found == nullptr) return otherwise;
  if (const auto value = number_of(found->text, least, most)) return *value;
  mistake_at(*found, fmt::format("'{}' must be a number from {} to {}, not '{}'", name, least, most,
                                 found->text));
  return otherwise;
}

std::size_t Options::count(std::string_view name, std::size_t otherwise, std::size_t least,
                           std::size_t most) {
  const Node* found = scalar(name, "a number");
  if (found == nullptr) return otherwise;
  if (const auto value = number_of(found->text, least, most)) return *value;
  mistake_at(*found, fmt::format("'{}' must be a whole number from {} to {}, not '{}'", name, least,
                                 most, found->text));
  return otherwise;
}

std::size_t Options::bytes(std::string_view name, std::size_t otherwise, std::size_t least,
                           std::size_t most) {
  const Node* found = scalar(name, "a size");
  if (found == nullptr) return otherwise;
  std::size_t value = 0;
  const char* end_of_text = found->text.data() + found->text.size();
  const auto [end, error] = std::from_chars(found->text.data(), end_of_text, value);
  const std::string_view unit(end, static_cast<std::size_t>(end_of_text - end));
  const unsigned shift = unit == "KiB" ? 10 : unit == "MiB" ? 20 : unit == "GiB" ? 30 : 0;
  const bool is_size = error == std::errc() && (shift != 0 || unit.empty()) &&
                       value <= (most >> shift) && (value << shift) >= least;
  if (!is_size) {
    mistake_at(*found, fmt::format("'{}' must be a size such as 300 or 64KiB, from {} to {}, not "
                                   "'{}'",
                                   name, least, most, found->text));
    return otherwise;
  }
  return value << shift;
}

std::chrono::nanoseconds Options::duration(std::string_view name,
                                           std::chrono::nanoseconds otherwise) {
  const Node* found = scalar(name, "a time");
  if (found == nullptr) return otherwise;
  const auto value = parse_duration(found->text);
  if (!value || *value < 0) {
    mistake_at(*found, fmt::format("'{}' must be a time such as 5s, 10m, 24h or 7d, not '{}'", name,
                                   found->text));
    return otherwise;
  }
  return std::chrono::nanoseconds(*value);
}

std::string Options::word(std::string_view name, const std::vector<std::string_view>& words) {
  const Node* found = scalar(name, "a word");
  if (found == nullptr) return std::string(words.front());
  if (std::find(words.begin(), words.end(), found->text) == words.end())
    mistake_at(*found, fmt::format("'{}' can't be '{}'; {}", name, found->text,
                                   hint_of(found->text, words)));
  return found->text;
}

std::vector<std::string> Options::list(std::string_view name) {
  const Node* found = node(name);
  std::vector<std::string> out;
  if (found == nullptr) return out;
  if (found->kind == Node::Kind::kScalar) {
    out.push_back(found->text);
  } else if (found->kind == Node::Kind::kList) {
    for (const Node& item : found->items) {
      if (item.kind != Node::Kind::kScalar)
        mistake_at(item, fmt::format("'{}' must be a list of texts; this is {}", name,
                                     kind_name(item.kind)));
      out.push_back(item.text);
    }
  } else {
    mistake_at(*found, fmt::format("'{}' must be a list, not {}", name, kind_name(found->kind)));
  }
  return out;
}

std::vector<std::string> Options::words(std::string_view name,
                                        const std::vector<std::string_view>& known) {
  std::vector<std::string> out = list(name);
  const Node* found = node(name);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (std::find(known.begin(), known.end(), out[i]) != known.end()) continue;
    mistake_at(found->kind == Node::Kind::kList ? found->items[i] : *found,
               fmt::format("'{}' can't be '{}'; {}", name, out[i], hint_of(out[i], known)));
  }
  return out;
}

std::vector<std::string> Options::names(std::string_view name) {
  std::vector<std::string> out = list(name);
  const Node* found = node(name);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (is_label_name(out[i])) continue;
    mistake_at(found->kind == Node::Kind::kList ? found->items[i] : *found,
               fmt::format("'{}' is no name: letters, digits and _ are allowed", out[i]));
  }
  return out;
}

std::string Options::name(std::string_view option, std::string_view otherwise) {
  std::string out = text(option, otherwise);
  if (has(option) && !is_label_name(out))
    mistake(option, fmt::format("'{}' is no name: letters, digits and _ are allowed", out));
  return out;
}

Options::Pairs Options::pairs(std::string_view name) {
  Pairs out;
  const Node* found = node(name);
  if (found == nullptr) return out;
  if (found->kind != Node::Kind::kMap) {
    mistake_at(*found, fmt::format("'{}' must be a map, not {}", name, kind_name(found->kind)));
    return out;
  }
  for (std::size_t i = 0; i < found->keys.size(); ++i) {
    if (found->items[i].kind != Node::Kind::kScalar) {
      mistake_at(found->items[i], fmt::format("'{}' must be a text, not {}", found->keys[i].text,
                                              kind_name(found->items[i].kind)));
    }
    out.emplace_back(found->keys[i].text, found->items[i].text);
  }
  return out;
}

Options::Pairs Options::members() {
  Pairs out;
  for (const Node& key : node_->keys) out.emplace_back(key.text, text(key.text));
  return out;
}

Options::Pairs Options::pairs_or_list(std::string_view name) {
  const Node* found = node(name);
  if (found == nullptr || found->kind == Node::Kind::kMap) return pairs(name);
  Pairs out;
  for (const std::string& item : list(name)) out.emplace_back(item, item);
  return out;
}

Options::Regex Options::compile(const Node& node) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexMemory);
  auto regex = std::make_shared<const re2::RE2>(with_re2_groups(node.text), options);
  if (!regex->ok()) {
    mistake_at(node, fmt::format("the regex '{}' is wrong: {}{}", node.text, regex->error(),
                                 node.text.find("(?=") != std::string::npos ||
                                         node.text.find("(?!") != std::string::npos
                                     ? "; RE2 has no look-ahead"
                                     : ""));
    return nullptr;
  }
  return regex;
}

Options::Regex Options::regex(std::string_view name) {
  const Node* found = scalar(name, "a regex");
  return found == nullptr ? nullptr : compile(*found);
}

std::vector<Options::Regex> Options::regexes(std::string_view name) {
  std::vector<Regex> out;
  if (list(name).empty()) return out;
  const Node& found = *node(name);
  if (found.kind == Node::Kind::kScalar) {
    out.push_back(compile(found));
  } else {
    for (const Node& item : found.items) out.push_back(compile(item));
  }
  return out;
}

std::vector<Options::NamedRegex> Options::named_regexes(std::string_view name) {
  std::vector<NamedRegex> out;
  if (pairs(name).empty()) return out;
  const Node& found = *node(name);
  for (std::size_t i = 0; i < found.keys.size(); ++i) {
    if (!is_label_name(found.keys[i].text)) {
      mistake_at(found.keys[i], fmt::format("'{}' is no name: letters, digits and _ are allowed",
                                            found.keys[i].text));
    }
    if (const Regex regex = compile(found.items[i])) out.push_back({found.keys[i].text, regex});
  }
  return out;
}

std::vector<LabelMatcher> Options::matchers(std::string_view name) {
  const Node* found = scalar(name, "a selector such as '{app=\"web\"}'");
  if (found == nullptr) return {};
  auto parsed = parse_selector(found->text);
  if (!parsed) {
    mistake_at(*found, parsed.error().message);
    return {};
  }
  return *std::move(parsed);
}

Result<void> Options::finish() {
  const std::vector<std::string_view> known(known_.begin(), known_.end());
  for (const Node& key : node_->keys) {
    if (std::find(known.begin(), known.end(), key.text) != known.end()) continue;
    // A wrong name explains what is missing, so it is told first.
    return scope_.wrong(key,
                        fmt::format("there is no option '{}'; {}", key.text,
                                    known.empty() ? "there are none" : hint_of(key.text, known)));
  }
  if (mistake_) return fail(*mistake_);
  return {};
}

}  // namespace livedata::ingest::pipeline
