#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "server/http/client.h"

namespace livedata::cli {

/// Repeats requests while a server is busy (429), in trouble (5xx) or away, with growing pauses.
/// Requests must be such that obeying them twice does no harm. Not thread-safe.
class RetryingClient {
 public:
  struct Options {
    std::string address;
    std::string tenant = {};  ///< X-Scope-OrgID; empty: none
    std::chrono::nanoseconds give_up_after = std::chrono::minutes(5);
    /// Tells a person why it takes longer; once for each time of trouble.
    std::function<void(const std::string&)> on_wait = [](const std::string&) {};
    std::function<void(std::chrono::nanoseconds)> sleep;  ///< empty: the real one
  };
  explicit RetryingClient(Options options);

  /// An answer other than 429 and 5xx. kUnavailable at once if the first request of all finds
  /// nobody, later when `give_up_after` has passed without success.
  Result<server::ClientResponse> send(server::ClientRequest request);
  [[nodiscard]] const std::string& address() const { return options_.address; }

 private:
  Options options_;
  bool reached_ = false;  // the server has answered before
};

/// The text of an answer as one line, for a message.
std::string answer_text(const server::ClientResponse& response);

}  // namespace livedata::cli
