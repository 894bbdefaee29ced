#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ingest/journal/push.h"

/// Records and whether the body was good, when it comes in pieces of the given size.
static std::pair<std::size_t, bool> upload(std::string_view body, std::size_t piece,
                                           const livedata::ingest::DecodeContext& context) {
  livedata::ingest::RecordIntake intake(context);
  livedata::ingest::journal::UploadDecoder decoder(context.limits);
  bool good = true;
  while (good && !body.empty()) {
    const std::size_t size = std::min(piece, body.size());
    good = decoder.consume(body.substr(0, size), intake).has_value();
    body.remove_prefix(size);
  }
  good = good && decoder.finish(intake).has_value();
  const livedata::ingest::Decoded decoded = intake.take();
  return {decoded.batch.num_rows() + decoded.num_rejected(), good};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  livedata::Limits limits;
  limits.max_line_bytes = 40;
  limits.max_fields_bytes = 60;
  const livedata::ingest::DecodeContext context{limits, 1'700'000'000'000'000'000};
  // Where the pieces end must not matter.
  const std::string_view body = input.substr(1);
  if (upload(body, body.size() + 1, context) != upload(body, 1U + data[0], context)) std::abort();
  return 0;
}
