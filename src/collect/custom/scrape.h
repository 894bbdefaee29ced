#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "collect/custom/http_url.h"
#include "collect/custom/stop_signal.h"
#include "http_client/http_client.h"

namespace livedata::collect::custom {

struct ScrapeRequest {
  const HttpUrl& url;
  const std::vector<std::pair<std::string, std::string>>& headers;
  std::chrono::nanoseconds timeout;  ///< that the other side is told
  std::size_t max_body_bytes;
  http_client::Transport* secure_transport;  ///< for https; null: the address is one of http
};

/// Asks a metrics endpoint, over http on a connection of its own, and gives the body of its answer.
/// Redirects are not followed. kUnavailable: nobody is there, or says so with a status other than
/// 200; kDeadlineExceeded, kTooLarge, kCancelled; kInvalidArgument: what answers speaks no HTTP.
/// Looking up a name may take longer than the limit.
Result<std::string> scrape(const ScrapeRequest& request, const WorkLimit& limit);

}  // namespace livedata::collect::custom
