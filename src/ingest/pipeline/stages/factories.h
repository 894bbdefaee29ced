#pragma once

#include <memory>

#include "ingest/pipeline/stage.h"

// One function for each stage, each in a file of its own.
namespace livedata::ingest::pipeline {

std::unique_ptr<Stage> make_drop(Options& options);
std::unique_ptr<Stage> make_json(Options& options);
std::unique_ptr<Stage> make_labels(Options& options);
std::unique_ptr<Stage> make_redact(Options& options);
std::unique_ptr<Stage> make_regex(Options& options);
std::unique_ptr<Stage> make_timestamp(Options& options);

}  // namespace livedata::ingest::pipeline
