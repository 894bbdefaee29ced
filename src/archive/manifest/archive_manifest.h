#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "storage/census/column_census.h"

namespace livedata::archive {

/// A Parquet file of the archive.
struct FileEntry {
  std::string key;  ///< below the tenant's: day=2026-01-02/source=logs/part-NAME.parquet
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  std::uint32_t crc32c = 0;  ///< of all its bytes
  TimestampNs min_timestamp = 0;
  TimestampNs max_timestamp = 0;     ///< inclusive
  std::uint64_t delete_horizon = 0;  ///< delete requests up to this id need not be looked at
  /// The store's segments that all of its records are from, as long as they may be there.
  std::vector<std::string> native = {};
  storage::ColumnCensus census = {};

  /// "2026-01-02" and "logs", from the key.
  [[nodiscard]] std::string_view day() const;
  [[nodiscard]] std::string_view source() const;
};

/// What a tenant's archive has. Kept as an object of JSON, which is replaced as a whole.
struct ArchiveManifest {
  std::uint64_t next_file = 1;  ///< number for the next file's name
  std::vector<FileEntry> files = {};
  /// Segments of the store whose records are in the files, by day, as long as they may be there.
  std::map<std::string, std::vector<std::string>> archived_segments = {};
};

/// Name of the object below the tenant's.
constexpr std::string_view kManifestName = "MANIFEST.json";
constexpr std::size_t kMaxManifestBytes = std::size_t{256} << 20U;

std::string encode_manifest(const ArchiveManifest& manifest);
/// kCorrupt for damage, also for keys that are none of the archive's; kUnsupported for a later
/// version.
Result<ArchiveManifest> decode_manifest(std::string_view json);

/// "day=2026-01-02/source=logs/part-NAME.parquet"
std::string file_key(std::string_view day, std::string_view source, std::string_view name);
/// Whether the text is such a key.
bool is_file_key(std::string_view key);

}  // namespace livedata::archive
