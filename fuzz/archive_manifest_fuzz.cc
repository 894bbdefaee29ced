#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "archive/manifest/archive_manifest.h"

// The input is a tenant's manifest as it lies in the archive: what is read is written and read the
// same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace livedata;  // NOLINT(google-build-using-namespace): the whole file is this
                             // function
  const auto manifest = archive::decode_manifest({reinterpret_cast<const char*>(data), size});
  if (!manifest) return 0;
  const std::string text = archive::encode_manifest(*manifest);
  const auto again = archive::decode_manifest(text);
  if (!again || archive::encode_manifest(*again) != text) std::abort();
  return 0;
}
