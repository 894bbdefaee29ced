#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ingest/syslog/decoder.h"
#include "ingest/syslog/format/framing.h"

// The bytes as a stream in two segments, and as one datagram.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using livedata::ingest::syslog::Decoder;
  using livedata::ingest::syslog::FrameReader;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  livedata::Limits limits;
  limits.max_line_bytes = 512;
  Decoder decoder(limits, 4);
  decoder.start(1'700'000'000'000'000'000);
  FrameReader reader(limits.max_line_bytes);
  const auto visit = [&](std::string_view message) { decoder.add(message, "192.0.2.1"); };
  const std::size_t split = size == 0 ? 0 : data[0] % size;
  reader.consume(input.substr(0, split), visit);
  reader.consume(input.substr(split), visit);
  reader.finish(visit);
  decoder.add(input, "192.0.2.1");
  if (decoder.take().num_rejected() != 0) std::abort();
  return 0;
}
