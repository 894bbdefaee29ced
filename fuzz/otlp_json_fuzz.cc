#include <cstdint>
#include <string_view>

#include "ingest/otlp/push.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const livedata::Limits limits;
  const livedata::ingest::DecodeContext context{limits, 1'700'000'000'000'000'000};
  static_cast<void>(livedata::ingest::otlp::decode_json(input, context));
  return 0;
}
