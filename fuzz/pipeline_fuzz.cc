#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "query/logql/engine.h"
#include "query/plan/line_parsers.h"
#include "two_parts.h"

namespace {

using namespace livedata;  // NOLINT(google-build-using-namespace)

void run_query(std::string_view query, const RecordBatch& batch) {
  const std::string text =
      query.starts_with('{') ? std::string(query) : R"({app="a"} )" + std::string(query);
  const auto pipeline = query::logql::LivePipeline::compile(text);
  if (pipeline) static_cast<void>(pipeline->apply(batch));
}

/// The parsers that need no expressions, each on a fresh row.
void run_parsers(const RecordBatch& batch) {
  using query::plan::Row;
  const auto run = [&](auto parse) {
    Row row;
    row.reset(batch, 0);
    parse(row);
    static_cast<void>(row.all_labels());
    static_cast<void>(row.line());
  };
  run([](Row& row) { query::plan::parse_json(row); });
  run([](Row& row) { query::plan::unpack(row); });
  for (const bool strict : {false, true}) {
    run([&](Row& row) {
      query::plan::parse_logfmt({.strict = strict, .keep_empty = !strict}, row);
    });
  }
}

}  // namespace

// The input's first line is a log query, or only its stages; the rest is the log line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [query, line] = two_parts(data, size);
  RecordBatch batch;
  const std::array<Field, 1> fields = {Field{"field", std::string_view("value 1")}};
  const auto stream =
      batch.add_stream(Labels(std::vector<Label>{{"service_name", "s"}, {"app", "a"}}));
  batch.add(stream, 1'700'000'000 * kNsPerSecond, line, fields);
  run_query(query, batch);
  run_parsers(batch);
  return 0;
}
