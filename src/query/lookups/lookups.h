#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/mutex.h"
#include "query/lookups/csv.h"

namespace livedata::query::lookups {

constexpr std::size_t kMaxFileBytes = std::size_t{4} << 20U;
constexpr std::size_t kMaxLookups = 200;

/// The lookups of a tenant: tables in CSV, each a file NAME.csv of one folder, which is replaced as
/// a whole. Names are [A-Za-z0-9_-]{1,64}, so that none is a path. Thread-safe.
class Lookups {
 public:
  Lookups(FileSystem& files, Path folder) : files_(files), folder_(std::move(folder)) {}

  /// Names, sorted.
  [[nodiscard]] Result<std::vector<std::string>> names() const;
  /// The CSV as it was put. kNotFound: there is none.
  [[nodiscard]] Result<std::string> text(std::string_view name) const;
  [[nodiscard]] Result<CsvTable> table(std::string_view name) const;
  /// Adds a lookup or replaces it; returns whether it is new. On return it is stored. kTooLarge and
  /// kInvalidArgument for what is no CSV in UTF-8.
  Result<bool> put(std::string_view name, std::string_view csv) LIVEDATA_EXCLUDES(mutex_);
  Result<void> remove(std::string_view name) LIVEDATA_EXCLUDES(mutex_);

 private:
  [[nodiscard]] Result<Path> path_of(std::string_view name) const;

  FileSystem& files_;
  const Path folder_;
  Mutex mutex_;  // of changes
};

}  // namespace livedata::query::lookups
