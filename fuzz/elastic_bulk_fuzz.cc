#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ingest/elastic/bulk.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const livedata::Limits limits;
  const livedata::ingest::DecodeContext context{limits, 1'700'000'000'000'000'000};
  using livedata::ingest::elastic::Action;
  if (const auto bulk = livedata::ingest::elastic::decode_bulk(input, "index", context)) {
    const std::size_t answered = bulk->decoded.batch.num_rows() + bulk->decoded.num_rejected();
    if (bulk->items.size() != answered) std::abort();
  }
  static_cast<void>(
      livedata::ingest::elastic::decode_document(input, Action::kIndex, "index", "", context));
  return 0;
}
