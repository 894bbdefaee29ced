#include <cstdio>
#include <functional>

#include <CLI/CLI.hpp>

#include "cli/commands.h"

int main(int argc, char** argv) {
  CLI::App app(
      "livedata watches this machine and stores and searches logs. Without a command it serves.");
  app.footer(
      "Exit codes: 0 done, 1 failure, 2 wrong usage, 3 not found or not reachable, 4 damaged "
      "data.");
  app.require_subcommand(0, 1);
  app.fallthrough(false);
  std::function<int()> run;
  livedata::cli::add_serve(app, run);
  livedata::cli::add_query(app, run);
  livedata::cli::add_search(app, run);
  livedata::cli::add_sql(app, run);
  livedata::cli::add_around(app, run);
  livedata::cli::add_diff(app, run);
  livedata::cli::add_saved(app, run);
  livedata::cli::add_push(app, run);
  livedata::cli::add_export(app, run);
  livedata::cli::add_import(app, run);
  livedata::cli::add_check(app, run);
  livedata::cli::add_compact(app, run);
  livedata::cli::add_inspect(app, run);
  livedata::cli::add_pipeline(app, run);
  livedata::cli::add_remote(app, run);
  livedata::cli::add_token(app, run);
  livedata::cli::add_top(app, run);
  livedata::cli::add_version(app, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return run();
}
