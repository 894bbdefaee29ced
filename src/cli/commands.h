#pragma once

#include <functional>

#include <CLI/CLI.hpp>

namespace livedata::cli {

/// Each adds its subcommand; `run` is set to what is to be done when that subcommand was chosen,
/// and returns the exit code.
void add_serve(CLI::App& app, std::function<int()>& run);
void add_around(CLI::App& app, std::function<int()>& run);
void add_diff(CLI::App& app, std::function<int()>& run);
void add_query(CLI::App& app, std::function<int()>& run);
void add_search(CLI::App& app, std::function<int()>& run);
void add_sql(CLI::App& app, std::function<int()>& run);
void add_push(CLI::App& app, std::function<int()>& run);
void add_export(CLI::App& app, std::function<int()>& run);
void add_import(CLI::App& app, std::function<int()>& run);
void add_check(CLI::App& app, std::function<int()>& run);
void add_compact(CLI::App& app, std::function<int()>& run);
void add_inspect(CLI::App& app, std::function<int()>& run);
void add_pipeline(CLI::App& app, std::function<int()>& run);
void add_remote(CLI::App& app, std::function<int()>& run);
void add_saved(CLI::App& app, std::function<int()>& run);
void add_token(CLI::App& app, std::function<int()>& run);
void add_top(CLI::App& app, std::function<int()>& run);
void add_version(CLI::App& app, std::function<int()>& run);

}  // namespace livedata::cli
