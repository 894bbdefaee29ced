#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ingest/hec/events.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const livedata::Limits limits;
  const livedata::ingest::DecodeContext context{limits, 1'700'000'000'000'000'000};
  for (const auto decode :
       {&livedata::ingest::hec::decode_events, &livedata::ingest::hec::decode_raw}) {
    const auto events = decode(input, {}, context);
    const bool complete = events.decoded.num_rejected() == 0 && !events.decoded.batch.empty();
    if (events.refused.has_value() == complete) std::abort();
  }
  return 0;
}
