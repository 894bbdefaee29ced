#pragma once

#include <string_view>

#include "model/labels.h"

namespace livedata {

/// The label that every log stream has and no host metric has, so that {service_name=~".+"} means
/// all logs.
constexpr std::string_view kServiceNameLabel = "service_name";

/// Adds service_name from the first of Loki's usual labels (service, app, name, container, ...)
/// that is there, else "unknown_service". Labels that have it already are left as they are.
void discover_service_name(Labels& labels);

/// Whether the stream holds host metrics: numbers in fields, with an empty line that is rendered as
/// logfmt where a line is shown or filtered.
inline bool is_metric_stream(const Labels& labels) { return !labels.has(kServiceNameLabel); }

/// The label of host metrics that says what was measured: cpu, memory, process.
constexpr std::string_view kMetricSourceLabel = "source";

}  // namespace livedata
