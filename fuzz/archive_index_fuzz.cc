#include <cstdint>
#include <string>
#include <string_view>

#include "archive/file/file_index.h"
#include "base/hash.h"
#include "encoding/byte_writer.h"
#include "encoding/zstd.h"

// The input is an index as it lies in the archive, and what stands in its frame.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace livedata;  // NOLINT(google-build-using-namespace): the whole file is this
                             // function
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  static_cast<void>(archive::decode_index(input));
  const std::string frame = encoding::zstd_compress(input, 1);
  std::string bytes;
  encoding::ByteWriter out(bytes);
  out.bytes("LDARCIDX");
  out.u32(1);
  out.u64(size);
  out.u32(crc32c(frame));
  out.bytes(frame);
  if (const auto index = archive::decode_index(bytes))
    static_cast<void>(archive::decode_index(archive::encode_index(*index)));
  return 0;
}
