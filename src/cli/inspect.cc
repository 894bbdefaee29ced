#include <cstdio>
#include <memory>

#include <fmt/core.h>

#include "base/time_format.h"
#include "cli/commands.h"
#include "storage/check/segment_inspection.h"

namespace livedata::cli {
namespace {

std::string ratio(std::uint64_t raw, std::uint64_t stored) {
  if (raw == 0 || stored == 0) return "";
  return fmt::format("{:.1f}x", static_cast<double>(raw) / static_cast<double>(stored));
}

std::string share(std::uint64_t bytes, std::uint64_t all) {
  return fmt::format("{:.1f} %", 100.0 * static_cast<double>(bytes) / static_cast<double>(all));
}

void print(const storage::SegmentInspection& segment) {
  fmt::print("{} records of {} streams in {} blocks, {} bytes\n", segment.num_rows,
             segment.num_streams, segment.num_blocks, segment.file_bytes);
  fmt::print("{} to {}\n\n", format_rfc3339(segment.min_timestamp),
             format_rfc3339(segment.max_timestamp));
  fmt::print("{:<32} {:>14} {:>8} {:>14} {:>8}  {}\n", "part", "bytes", "share", "raw", "ratio",
             "encodings (blocks)");
  for (const storage::ColumnInspection& column : segment.columns) {
    std::string encodings;
    for (const auto& [name, blocks] : column.encodings)
      encodings += fmt::format("{}{} ({})", encodings.empty() ? "" : ", ", name, blocks);
    fmt::print("{:<32} {:>14} {:>8} {:>14} {:>8}  {}\n", column.name, column.stored_bytes,
               share(column.stored_bytes, segment.file_bytes), column.raw_bytes,
               ratio(column.raw_bytes, column.stored_bytes), encodings);
  }
  for (const auto& [name, bytes] : segment.other_bytes)
    fmt::print("{:<32} {:>14} {:>8}\n", name, bytes, share(bytes, segment.file_bytes));
}

int inspect(const std::string& path) {
  PosixFileSystem files;
  const auto segment = storage::inspect_segment(files, path);
  if (!segment) {
    fmt::print(stderr, "livedata: {}\n", segment.error().message);
    return exit_code(segment.error().code);
  }
  print(*segment);
  return 0;
}

}  // namespace

void add_inspect(CLI::App& app, std::function<int()>& run) {
  CLI::App* command = app.add_subcommand("inspect", "Show where the bytes of a segment file are");
  auto path = std::make_shared<std::string>();
  command->add_option("segment", *path, "A .seg file below the data folder")->required();
  command->callback([&run, path] { run = [path] { return inspect(*path); }; });
}

}  // namespace livedata::cli
