#pragma once

#include <string>
#include <vector>

#include "query/around/around.h"

namespace livedata::server::native {

/// What was around an instant, as /api/v1/around answers.
std::string encode_around(const query::around::Question& question,
                          const query::around::Answer& answer);

/// Spikes, as /api/v1/spikes answers.
std::string encode_spikes(const std::vector<query::around::Spike>& spikes);

}  // namespace livedata::server::native
