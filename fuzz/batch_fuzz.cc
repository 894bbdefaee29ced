#include <cstdint>
#include <string_view>

#include "storage/columns/batch_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  static_cast<void>(livedata::storage::columns::decode_batch(input));
  return 0;
}
