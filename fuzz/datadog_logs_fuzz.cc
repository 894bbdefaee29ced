#include <cstdint>
#include <string_view>

#include "ingest/datadog/logs.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const livedata::Limits limits;
  const livedata::ingest::DecodeContext context{limits, 1'700'000'000'000'000'000};
  const livedata::ingest::datadog::Metadata metadata{
      .source = "s", .tags = input.substr(0, 64), .host = "", .service = ""};
  static_cast<void>(livedata::ingest::datadog::decode_json(input, metadata, context));
  static_cast<void>(livedata::ingest::datadog::decode_text(input, metadata, context));
  return 0;
}
