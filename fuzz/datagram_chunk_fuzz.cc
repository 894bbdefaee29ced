#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "server/syslog/datagram_chunk.h"

using livedata::server::DatagramChunkReader;
using livedata::server::DatagramChunkWriter;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string chunk(reinterpret_cast<const char*>(data), size);
  DatagramChunkReader reader(chunk);
  // What could be read makes a chunk of the same datagrams.
  DatagramChunkWriter writer(chunk.size() + 1);
  std::vector<std::pair<std::string, std::string>> read;
  for (std::string_view datagram; reader.next(datagram);) {
    writer.add(datagram, reader.peer(), reader.arrival());
    read.emplace_back(datagram, reader.peer());
  }
  const std::string again = writer.take();
  DatagramChunkReader second(again);
  std::size_t count = 0;
  for (std::string_view datagram; second.next(datagram); ++count) {
    if (read.at(count) != std::pair<std::string, std::string>(datagram, second.peer()))
      std::abort();
  }
  if (count != read.size() || (count > 0 && second.is_damaged())) std::abort();
  return 0;
}
