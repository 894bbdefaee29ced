#pragma once

#include <functional>

#include <CLI/CLI.hpp>

namespace livedata::cli {

/// `livedata import FILE...`: the arguments of the command itself, beside its subcommands.
void add_import_files(CLI::App& command, std::function<int()>& run);

}  // namespace livedata::cli
