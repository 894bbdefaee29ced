#include <cstdint>
#include <string_view>

#include "base/testing/simulated_disk.h"
#include "storage/manifest/manifest.h"

// The input is a manifest as it lies on the disk, and an edit whose checksum is right.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace livedata;  // NOLINT(google-build-using-namespace): the whole file is this
                             // function
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  SimulatedDisk disk(1);
  const auto files = disk.mount();
  static_cast<void>(files->create_folders("/t"));
  static_cast<void>(write_atomically(*files, "/t/MANIFEST", input));
  static_cast<void>(storage::Manifest::read(*files, "/t/MANIFEST"));
  if (const auto edit = storage::decode_edit(input))
    static_cast<void>(storage::decode_edit(storage::encode_edit(*edit)));
  return 0;
}
