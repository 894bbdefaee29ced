#include <fmt/core.h>

#include "app/application.h"
#include "cli/commands.h"
#include "query/sql/duckdb_version.h"

namespace livedata::cli {

void add_version(CLI::App& app, std::function<int()>& run) {
  CLI::App* command =
      app.add_subcommand("version", "Print the versions of livedata and of its SQL engine");
  command->callback([&run] {
    run = [] {
      fmt::print("livedata {}\nDuckDB {}\n", version(), query::sql::duckdb_version());
      return 0;
    };
  });
}

}  // namespace livedata::cli
