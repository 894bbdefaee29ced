#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "collect/custom/output_format.h"
#include "collect/custom/record_maker.h"

// The bytes as Prometheus text, with small limits, and what is read of them as records.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace custom = livedata::collect::custom;
  constexpr std::size_t kMaxSeries = 8;
  custom::CollectorSpec spec;
  spec.name = "fuzz";
  spec.limits = {.max_series = kMaxSeries, .max_label_bytes = 16, .max_labels = 4};
  custom::Readings readings(std::string(reinterpret_cast<const char*>(data), size), spec.limits);
  static_cast<void>(custom::read_output(custom::OutputFormat::kPrometheus, 0, readings));
  if (readings.num_series() > kMaxSeries || readings.num_series() != readings.size()) std::abort();
  livedata::Limits limits;
  limits.max_label_names = 4;
  limits.max_fields = 3;
  livedata::RecordBatch batch;
  custom::RecordMaker(spec, "host", limits).add(readings, 1'700'000'000'000'000'000, batch);
  for (livedata::RowIndex row = 0; row < batch.num_rows(); ++row) {
    if (batch.stream(row).labels.size() > limits.max_label_names) std::abort();
  }
  return 0;
}
