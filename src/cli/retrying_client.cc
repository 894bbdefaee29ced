#include "cli/retrying_client.h"

#include <algorithm>
#include <thread>

#include "base/time_format.h"
#include "cli/client/server_request.h"

namespace livedata::cli {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kFirstPause = std::chrono::milliseconds(250);
constexpr nanoseconds kLongestPause = std::chrono::seconds(15);
constexpr std::size_t kMaxAnswerBytes = 500;

bool is_trouble(int status) { return status == 429 || status >= 500; }

}  // namespace

RetryingClient::RetryingClient(Options options) : options_(std::move(options)) {
  if (!options_.sleep)
    options_.sleep = [](nanoseconds pause) { std::this_thread::sleep_for(pause); };
}

Result<server::ClientResponse> RetryingClient::send(server::ClientRequest request) {
  if (!options_.tenant.empty()) request.headers.emplace_back("X-Scope-OrgID", options_.tenant);
  nanoseconds pause = kFirstPause;
  nanoseconds waited{0};
  for (;;) {
    auto response = send_to_server(options_.address, request);
    if (response && !is_trouble(response->status)) {
      reached_ = true;
      return response;
    }
    // Someone who has mistyped an address wants to hear of it now.
    if (!response && (response.error().code != ErrorCode::kUnavailable || !reached_))
      return response;
    reached_ = reached_ || response.has_value();
    const std::string why = response ? fmt::format("{} answers {}: {}", options_.address,
                                                   response->status, answer_text(*response))
                                     : response.error().message;
    nanoseconds wanted = pause;
    if (response) {
      if (const auto& asked = response->retry_after) wanted = *asked;
    }
    if (waited + wanted > options_.give_up_after) {
      return fail(ErrorCode::kUnavailable, "gave up after {}: {}", format_duration(waited.count()),
                  why);
    }
    if (waited == nanoseconds(0)) options_.on_wait(why);
    options_.sleep(wanted);
    waited += wanted;
    pause = std::min(pause * 2, kLongestPause);
  }
}

std::string answer_text(const server::ClientResponse& response) {
  std::string text = response.body.substr(0, kMaxAnswerBytes);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace livedata::cli
