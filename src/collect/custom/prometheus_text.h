#pragma once

#include <string_view>

#include "collect/custom/readings.h"

namespace livedata::collect::custom {

/// Reads the samples of Prometheus' text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats) and of OpenMetrics 1.0
/// (https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md): the latter
/// if the text ends with "# EOF". Names in quotes (UTF-8 names) are read too. Samples of histograms
/// and summaries are samples like others; exemplars are read over. Each sample becomes a reading
/// whose texts are its labels. A line that can't be read is rejected alone. Linear in its input.
void read_prometheus(Readings& readings);

/// Whether a line is a sample as above; one that has no labels must have nothing but a value, and
/// perhaps a time.
bool is_prometheus_sample(std::string_view line);

}  // namespace livedata::collect::custom
