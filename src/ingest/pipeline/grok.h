#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/pipeline/value_types.h"

namespace livedata::ingest::pipeline {

/// The built-in pattern of a name such as IPORHOST; nothing for a name that is not known.
std::optional<std::string_view> grok_pattern(std::string_view name);
std::vector<std::string_view> grok_names();

/// A regex in which patterns are named: "%{IP:client} %{NUMBER:bytes:int}".
struct Grok {
  /// One %{NAME:field}; the regex has a group named by grok_group(i) for the i-th of them.
  struct Capture {
    std::string field;
    ValueType type = ValueType::kText;
  };
  std::string regex;
  std::vector<Capture> captures;
};

using GrokDefinitions = std::vector<std::pair<std::string, std::string>>;

/// Replaces the names by their patterns, own definitions before the built-in ones.
/// kInvalidArgument for an unknown name, one that holds itself, or a result that is too large.
Result<Grok> expand_grok(std::string_view pattern, const GrokDefinitions& definitions);

std::string grok_group(std::size_t number);

}  // namespace livedata::ingest::pipeline
