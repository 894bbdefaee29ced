#pragma once

#include <optional>
#include <string>

#include "server/http/message.h"

namespace livedata::server::hec {

/// The token that a request comes with: "Authorization: Splunk TOKEN", Basic with the token as the
/// password, or the parameter `token`. The one place that reads it; nothing checks it yet. Must not
/// be logged.
std::optional<std::string> token_of(const Request& request);

}  // namespace livedata::server::hec
