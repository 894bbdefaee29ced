#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "server/grpc/call_server.h"

namespace {

using livedata::Deadline;
using livedata::Result;
using namespace livedata::server::grpc;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kPiece = 100;  // as a socket would hand it over

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const Methods methods = {{"/a.B/C", [](const Caller&, std::string_view message, const Deadline&) {
                              return Result<std::string>(std::string(message));
                            }}};
  CallLimits limits;
  limits.max_message_bytes = 10'000;
  limits.max_expanded_bytes = 100'000;
  limits.max_buffered_bytes = 20'000;
  limits.max_calls = 5;
  CallTotals totals;
  livedata::MetricRegistry metrics;
  std::deque<std::pair<StreamNumber, ReadyCall>> ready;
  {
    CallServer server(methods, limits, totals, metrics, [&](StreamNumber stream, ReadyCall call) {
      if (ready.size() == 3) return false;
      ready.emplace_back(stream, std::move(call));
      return true;
    });
    std::string out;
    while (!input.empty() && server.receive(input.substr(0, kPiece))) {
      input.remove_prefix(std::min(kPiece, input.size()));
      if (input.size() % 3 == 0) {
        for (; !ready.empty(); ready.pop_front())
          server.finish(ready.front().first, run_call(ready.front().second, limits));
      }
      out.clear();
      if (!server.write(out)) break;
    }
  }
  LIVEDATA_CHECK(totals.calls == 0 && totals.buffered_bytes == 0);
  return 0;
}
