#include "ingest/pipeline/grok.h"

#include <algorithm>

#include "ingest/pipeline/settings/options.h"

namespace livedata::ingest::pipeline {
namespace {

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxBytes = 64 * 1024;

/// Expands names into one regex.
class Expander {
 public:
  explicit Expander(const GrokDefinitions& definitions) : definitions_(definitions) {}

  Result<void> expand(std::string_view pattern, int depth) {
    if (depth > kMaxDepth)
      return fail(ErrorCode::kInvalidArgument, "a pattern holds itself, or is nested too deeply");
    while (!pattern.empty()) {
      const std::size_t begin = pattern.find("%{");
      grok_.regex += with_re2_groups(pattern.substr(0, begin));
      if (grok_.regex.size() > kMaxBytes)
        return fail(ErrorCode::kInvalidArgument, "the pattern is longer than {} bytes", kMaxBytes);
      if (begin == std::string_view::npos) break;
      const std::size_t end = pattern.find('}', begin);
      if (end == std::string_view::npos)
        return fail(ErrorCode::kInvalidArgument, "'{}' has no closing brace",
                    pattern.substr(begin, 40));
      LIVEDATA_RETURN_IF_ERROR(expand_name(pattern.substr(begin + 2, end - begin - 2), depth));
      pattern.remove_prefix(end + 1);
    }
    return {};
  }

  Grok take() { return std::move(grok_); }

 private:
  /// NAME, NAME:field or NAME:field:type
  Result<void> expand_name(std::string_view text, int depth) {
    const std::size_t first = std::min(text.find(':'), text.size());
    const std::string_view name = text.substr(0, first);
    const std::string_view rest = text.substr(std::min(first + 1, text.size()));
    const std::size_t second = std::min(rest.find(':'), rest.size());
    const std::string_view field = rest.substr(0, second);
    const std::string_view type_name = rest.substr(std::min(second + 1, rest.size()));
    LIVEDATA_TRY(const std::string_view pattern, find(name));
    if (field.empty()) {
      grok_.regex += "(?:";
    } else {
      const auto type = type_name.empty() ? ValueType::kText : value_type(type_name);
      if (!type) {
        return fail(ErrorCode::kInvalidArgument, "'{}' can't be '{}'; {}", field, type_name,
                    hint_of(type_name, {"string", "int", "float", "bool"}));
      }
      grok_.regex += fmt::format("(?P<{}>", grok_group(grok_.captures.size()));
      grok_.captures.push_back({sanitized_label_name(field), *type});
    }
    LIVEDATA_RETURN_IF_ERROR(expand(pattern, depth + 1));
    grok_.regex += ')';
    return {};
  }

  Result<std::string_view> find(std::string_view name) {
    for (const auto& [own, pattern] : definitions_) {
      if (own == name) return std::string_view(pattern);
    }
    if (const auto pattern = grok_pattern(name)) return *pattern;
    std::vector<std::string_view> known = grok_names();
    for (const auto& definition : definitions_) known.emplace_back(definition.first);
    return fail(ErrorCode::kInvalidArgument, "there is no pattern '{}'; {}", name,
                hint_of(name, known));
  }

  const GrokDefinitions& definitions_;
  Grok grok_;
};

}  // namespace

std::string grok_group(std::size_t number) { return fmt::format("grok_{}", number); }

Result<Grok> expand_grok(std::string_view pattern, const GrokDefinitions& definitions) {
  Expander expander(definitions);
  LIVEDATA_RETURN_IF_ERROR(expander.expand(pattern, 0));
  return expander.take();
}

}  // namespace livedata::ingest::pipeline
