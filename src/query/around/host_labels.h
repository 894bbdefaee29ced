#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/label_matcher.h"

namespace livedata::query::around {

/// What senders call the machine that a record is about. livedata itself says `host`.
constexpr std::array<std::string_view, 8> kHostLabels = {
    "host", "hostname", "host_name", "node", "node_name", "nodename", "instance", "machine"};

/// A regex for the ways of writing a host's name: with or without its domain, with a port, in any
/// case. An IP address stands for itself alone.
std::string host_pattern(std::string_view host);

/// Selections of streams, of which no stream meets two: those whose host is in the first of
/// kHostLabels, those where it is in the second, and so on.
Result<std::vector<std::vector<LabelMatcher>>> host_selections(std::string_view host);

/// The matchers as LogQL has them: `{a="b", c=~"d"}`.
std::string to_selector(const std::vector<LabelMatcher>& matchers);

}  // namespace livedata::query::around
