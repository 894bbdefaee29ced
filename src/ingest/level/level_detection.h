#pragma once

#include <span>
#include <string_view>

#include "model/record_batch.h"

namespace livedata::ingest {

/// The field that tells a record's level, as Loki's discover_log_levels adds it.
constexpr std::string_view kDetectedLevelField = "detected_level";

/// One of trace, debug, info, warn, error, critical, fatal, or "" for a word that is no level.
/// Takes the usual spellings ("WARNING", "Err", "crit", ...).
std::string_view normalized_level(std::string_view word);

/// The level that a label or field named level, severity, ... states; "" if none does.
std::string_view level_of(const Labels& labels);
std::string_view level_of(std::span<const Field> fields);

/// The level that a line states: a level key of JSON or logfmt, else the first level word near its
/// start; "unknown" if there is none.
std::string_view detect_level(std::string_view line);

}  // namespace livedata::ingest
