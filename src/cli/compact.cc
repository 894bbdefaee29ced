#include <cstdio>
#include <map>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "app/store_options.h"
#include "base/clock.h"
#include "cli/commands.h"
#include "cli/configuration.h"

namespace livedata::cli {
namespace {

struct CompactFlags {
  std::string data;
  std::string config_file;
  storage::Tier tier = storage::Tier::kWarm;
};

Result<void> compact(const CompactFlags& flags) {
  PosixFileSystem files;
  const SystemClock clock;
  Logger logger(clock, LogLevel::kWarn);
  MetricRegistry metrics;
  std::map<std::string, std::string> overrides;
  if (!flags.data.empty()) overrides["data.folder"] = flags.data;
  LIVEDATA_TRY(const Config config, load_configuration(flags.config_file, overrides));
  LIVEDATA_TRY(storage::StoreOptions options, store_options(config));
  options.compact_in_background = false;
  LIVEDATA_TRY(const bool exists, files.exists(options.data_folder / "tenants"));
  if (!exists) {
    return fail(ErrorCode::kNotFound, "{} holds no livedata data", options.data_folder.string());
  }
  LIVEDATA_TRY(const auto store, storage::Store::open(options, storage::OpenMode::kReadWrite, files,
                                                      clock, logger, metrics));
  LIVEDATA_RETURN_IF_ERROR(store->flush());
  const std::uint64_t before = store->status().segment_bytes;
  LIVEDATA_RETURN_IF_ERROR(store->compact(flags.tier));
  const storage::StoreStatus after = store->status();
  fmt::print("{} bytes before, {} bytes in {} segments after\n", before, after.segment_bytes,
             after.segments);
  return store->close();
}

}  // namespace

void add_compact(CLI::App& app, std::function<int()>& run) {
  CLI::App* command = app.add_subcommand(
      "compact", "Merge and recompress the segments of a data folder that no server uses now");
  auto flags = std::make_shared<CompactFlags>();
  command->add_option("--data", flags->data, "The data folder; default as for serve");
  command->add_option("--config", flags->config_file, "A configuration file, as for serve");
  const std::map<std::string, storage::Tier> tiers = {{"warm", storage::Tier::kWarm},
                                                      {"cold", storage::Tier::kCold}};
  command->add_option("--tier", flags->tier, "Compress as for this tier: warm (default) or cold")
      ->transform(CLI::CheckedTransformer(tiers));
  command->callback([&run, flags] {
    run = [flags] {
      const auto done = compact(*flags);
      if (done) return 0;
      fmt::print(stderr, "livedata: {}\n", done.error().message);
      return exit_code(done.error().code);
    };
  });
}

}  // namespace livedata::cli
