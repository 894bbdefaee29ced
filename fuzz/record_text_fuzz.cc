#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "archive/records/exact_record.h"
#include "server/records/record_csv.h"
#include "server/records/record_json.h"

// The input is a line of JSON, a CSV file, and the bytes of an exact record: what is taken is
// written and taken again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace livedata;  // NOLINT(google-build-using-namespace): the whole file is this
                             // function
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  static_cast<void>(archive::decode_exact(input));
  RecordBatch batch;
  static_cast<void>(server::records::parse_json(input, batch));
  server::records::CsvReader reader;
  if (reader.add(input, batch)) static_cast<void>(reader.finish(batch));
  for (RowIndex row = 0; row < batch.num_rows(); ++row) {
    std::string line;
    server::records::append_json(batch, row, line);
    RecordBatch again;
    if (!server::records::parse_json(line, again)) std::abort();
  }
  return 0;
}
