#include <cstdint>
#include <string_view>

#include "ingest/content.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  using livedata::ingest::Encoding;
  for (const Encoding encoding :
       {Encoding::kGzip, Encoding::kDeflate, Encoding::kSnappy, Encoding::kZstd}) {
    static_cast<void>(livedata::ingest::decompress(input, encoding, 1U << 20U));
  }
  return 0;
}
