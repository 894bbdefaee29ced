#include <cstdint>
#include <string>
#include <string_view>

#include "base/testing/fake_clock.h"
#include "collect/remote/session.h"

namespace {

using namespace livedata;                   // NOLINT(google-build-using-namespace): one program
using namespace livedata::collect::remote;  // NOLINT(google-build-using-namespace)

/// Everything that a session needs, and nothing outside.
struct World {
  explicit World(const RemoteSpec& remote)
      : spec(remote),
        state{.host = HostFeed("h", std::chrono::seconds(1), logger),
              .files =
                  FarFiles({.host = "h", .bookmark_prefix = "p:", .patterns = {"/a.log"}}, limits),
              .journal_key = "j",
              .cursor = ""} {}
  const RemoteSpec& spec;
  FakeClock clock;
  Logger logger{clock, LogLevel::kError};
  Limits limits;
  SessionOptions options;
  PendingRecords pending{limits, nullptr, clock};
  RemoteStatus status;
  RemoteState state;
};

}  // namespace

/// What a machine that is not to be trusted may send: pieces, each with a byte that says by which
/// pipe it comes, whether time passes, and whether it is a whole answer. "M" is the mark.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const RemoteSpec kSpec{.name = "h", .destination = "h", .files = {"/a.log"}};
  World world(kSpec);
  world.options.max_answer_bytes = 64U * 1024U;
  Session session({.spec = kSpec,
                   .options = world.options,
                   .limits = world.limits,
                   .clock = world.clock,
                   .pending = world.pending,
                   .state = world.state,
                   .status = world.status},
                  "M");
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  bool good = session.take_output("\nM ready\n").has_value();
  std::uint64_t tag = 1;
  while (good && !rest.empty()) {
    const auto how = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    const std::string piece(rest.substr(0, rest.find('\xff')));
    rest.remove_prefix(std::min(piece.size() + 1, rest.size()));
    if ((how & 2U) != 0) world.clock.advance(std::chrono::seconds(how >> 4U));
    good = session.tick(world.clock.steady_now()).has_value();
    if (!good) break;
    good = (how & 1U) != 0 ? session.take_errors(piece).has_value()
                           : session.take_output(piece).has_value();
    if (good && (how & 4U) != 0)
      good = session.take_output("\nM " + std::to_string(tag++) + "\n").has_value();
  }
  world.pending.take();
  return 0;
}
