#pragma once

#include <string_view>

#include <yyjson.hpp>

#include "ingest/pipeline/run.h"

namespace livedata::ingest::pipeline {

/// The root of a JSON object, or null for what is none. It lives in the record's memory and is not
/// to be freed. At most kMaxJsonBytes are taken, as the tree of a text is twelve times its size.
constexpr std::size_t kMaxJsonBytes = 1U << 20U;
livedata_yyjson::yyjson_val* read_json_object(std::string_view text, PipelineRun& run);

}  // namespace livedata::ingest::pipeline
