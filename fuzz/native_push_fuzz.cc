#include <cstdint>
#include <string_view>

#include "ingest/native/push.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const livedata::Limits limits;
  const livedata::ingest::DecodeContext context{limits, 1'700'000'000'000'000'000};
  if (const auto format = livedata::ingest::native::detect_format("", input)) {
    static_cast<void>(
        livedata::ingest::native::decode(input, *format, livedata::Labels(), context));
  }
  return 0;
}
