#include <cstdint>
#include <string_view>

#include "base/testing/simulated_disk.h"
#include "storage/record_log/record_log_writer.h"
#include "storage/wal/wal.h"

// The input is a WAL file as it lies on the disk, and also the payload of a record whose checksum
// is right, so that what lies behind the checksum is reached as well.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace livedata;  // NOLINT(google-build-using-namespace): the whole file is this
                             // function
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  SimulatedDisk disk(1);
  const auto files = disk.mount();
  static_cast<void>(files->create_folders("/wal"));
  const auto raw = files->create("/wal/00000000000000000001.wal");
  static_cast<void>((*raw)->append(input));
  std::string record;
  storage::record_log::append_record(input, record);
  auto log = storage::record_log::RecordLogWriter::create(*files, "/wal/00000000000000000002.wal");
  static_cast<void>(log->write(record));
  ThreadPool no_threads("fuzz", 0, 0);
  static_cast<void>(storage::Wal::replay(*files, "/wal", 0, no_threads,
                                         [](std::uint64_t, const storage::Wal::Entry&) {}));
  return 0;
}
