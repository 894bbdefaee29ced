#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ingest/fluent/session.h"

namespace {

struct Outcome {
  std::size_t records = 0;
  std::string reply;
  bool broken = false;
  auto operator<=>(const Outcome&) const = default;
};

Outcome receive(std::string_view bytes, std::size_t piece,
                const livedata::ingest::DecodeContext& context, const char* key) {
  livedata::ingest::fluent::Session session({.shared_key = key, .nonce = "0123456789abcdef"});
  Outcome outcome;
  while (!bytes.empty() && !outcome.broken) {
    const std::size_t size = std::min(piece, bytes.size());
    std::string_view next = bytes.substr(0, size);
    for (bool more = true; more;) {
      const auto consumed = session.consume(next, context);
      outcome.records += consumed.decoded.batch.num_rows() + consumed.decoded.num_rejected();
      outcome.reply += consumed.reply;
      outcome.broken = consumed.broken.has_value();
      more = consumed.more && !outcome.broken;
      next = {};
    }
    bytes.remove_prefix(size);
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  livedata::Limits limits;
  limits.max_expanded_body_bytes = 100'000;
  const livedata::ingest::DecodeContext context{limits, 1'700'000'000'000'000'000};
  const std::string_view bytes = input.substr(1);
  static_cast<void>(receive(bytes, bytes.size() + 1, context, "key"));
  // Where the pieces end must not matter.
  const Outcome whole = receive(bytes, bytes.size() + 1, context, "");
  const Outcome pieces = receive(bytes, 1U + data[0], context, "");
  if (whole != pieces) std::abort();
  return 0;
}
