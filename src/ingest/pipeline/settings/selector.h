#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/label_matcher.h"

namespace livedata::ingest::pipeline {

/// Reads a selector as LogQL writes it: {app="web", level=~"info|debug", env!=`a`}. The braces may
/// be left out.
Result<std::vector<LabelMatcher>> parse_selector(std::string_view text);

}  // namespace livedata::ingest::pipeline
