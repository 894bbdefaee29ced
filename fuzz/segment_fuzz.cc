#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/testing/simulated_disk.h"
#include "encoding/bloom_filter.h"
#include "storage/check/segment_check.h"
#include "storage/columns/column_codec.h"
#include "storage/segment/block_counts.h"

namespace {

using namespace livedata;           // NOLINT(google-build-using-namespace)
using namespace livedata::storage;  // NOLINT(google-build-using-namespace)

void read_file(std::string_view input) {
  SimulatedDisk disk(1);
  const auto files = disk.mount();
  static_cast<void>(files->create_folders("/s"));
  static_cast<void>(write_atomically(*files, "/s/a.seg", input));
  const auto reader = segment::SegmentReader::open(
      *files, "/s/a.seg",
      {std::make_shared<StreamTable>(), std::make_shared<segment::SegmentCache>(1_MiB, 1_MiB)});
  if (reader) static_cast<void>(check_segment(**reader));
}

/// The decoders that stand behind checksums, one by one.
void decode_part(std::uint8_t which, std::string_view bytes) {
  encoding::ByteReader in(bytes);
  constexpr std::size_t kRows = 1000;
  switch (which % 11) {
    case 0:
      static_cast<void>(segment::decode_streams(in));
      break;
    case 1:
      if (const auto postings = LabelPostings::decode(in, kRows))
        static_cast<void>(postings->label_sets());
      break;
    case 2:
      static_cast<void>(segment::decode_directory(in, 1_MiB, kRows));
      break;
    case 3:
      static_cast<void>(segment::decode_counts(bytes));
      break;
    case 4:
      static_cast<void>(segment::decode_block_labels(bytes, kRows));
      break;
    case 5:
      if (const auto grams = encoding::GramFilter::decode(in))
        static_cast<void>(grams->may_contain("needle"));
      break;
    case 6:
      if (const auto values = encoding::BloomFilter::decode(in))
        static_cast<void>(values->may_contain(hash64(bytes)));
      break;
    case 7:
      static_cast<void>(columns::decode_timestamps(in, kRows));
      break;
    case 8:
      static_cast<void>(columns::decode_ordinals(in, kRows, kRows));
      break;
    case 9:
      static_cast<void>(columns::decode_string_column(in, kRows));
      break;
    default:
      for (const FieldType type :
           {FieldType::kString, FieldType::kInt64, FieldType::kDouble, FieldType::kBool}) {
        encoding::ByteReader field(bytes);
        static_cast<void>(columns::decode_field_column(field, "f", type, kRows));
      }
  }
}

}  // namespace

// The input is a segment file as it lies on the disk, and any of its parts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  read_file(input);
  if (!input.empty()) decode_part(data[0], input.substr(1));
  return 0;
}
