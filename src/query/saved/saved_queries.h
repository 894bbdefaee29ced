#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/mutex.h"
#include "base/result.h"
#include "query/saved/saved_query.h"

namespace livedata::query::saved {

/// The saved queries of a tenant, in a file that is replaced as a whole: a query in JSON per line.
/// Thread-safe.
class SavedQueries {
 public:
  /// An absent file is an empty list; one that can't be read is an error that names the line.
  static Result<std::unique_ptr<SavedQueries>> open(FileSystem& files, const Path& path);

  /// By name.
  [[nodiscard]] std::vector<SavedQuery> all() const;
  [[nodiscard]] std::optional<SavedQuery> find(std::string_view name) const;
  /// Adds a query, or replaces the one of its name; returns whether it is new. On return it is
  /// stored.
  Result<bool> put(SavedQuery query);
  /// kNotFound: there is none.
  Result<void> remove(std::string_view name);

 private:
  using Queries = std::map<std::string, SavedQuery, std::less<>>;
  SavedQueries(FileSystem& files, Path path) : files_(files), path_(std::move(path)) {}
  Result<void> store(const Queries& queries) const;

  FileSystem& files_;
  const Path path_;
  mutable Mutex mutex_;
  Queries queries_ LIVEDATA_GUARDED_BY(mutex_);
};

constexpr std::size_t kMaxQueries = 1000;

}  // namespace livedata::query::saved
