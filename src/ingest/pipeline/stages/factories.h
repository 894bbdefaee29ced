#pragma once

#include <memory>

#include "ingest/pipeline/stage.h"

// One function for each stage, each in a file of its own.
namespace livedata::ingest::pipeline {

std::unique_ptr<Stage> make_apache(Options& options);
std::unique_ptr<Stage> make_auto(Options& options);
std::unique_ptr<Stage> make_cri(Options& options);
std::unique_ptr<Stage> make_docker(Options& options);
std::unique_ptr<Stage> make_drop(Options& options);
std::unique_ptr<Stage> make_grok(Options& options);
std::unique_ptr<Stage> make_json(Options& options);
std::unique_ptr<Stage> make_keep(Options& options);
std::unique_ptr<Stage> make_labels(Options& options);
std::unique_ptr<Stage> make_level(Options& options);
std::unique_ptr<Stage> make_limit(Options& options);
std::unique_ptr<Stage> make_line(Options& options);
std::unique_ptr<Stage> make_logfmt(Options& options);
std::unique_ptr<Stage> make_lowercase(Options& options);
std::unique_ptr<Stage> make_nginx(Options& options);
std::unique_ptr<Stage> make_redact(Options& options);
std::unique_ptr<Stage> make_regex(Options& options);
std::unique_ptr<Stage> make_remove(Options& options);
std::unique_ptr<Stage> make_rename(Options& options);
std::unique_ptr<Stage> make_sample(Options& options);
std::unique_ptr<Stage> make_static_labels(Options& options);
std::unique_ptr<Stage> make_syslog(Options& options);
std::unique_ptr<Stage> make_timestamp(Options& options);
std::unique_ptr<Stage> make_truncate(Options& options);

}  // namespace livedata::ingest::pipeline
