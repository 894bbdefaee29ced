#include "collect/files/file_set.h"

#include <algorithm>

#include "base/check.h"

namespace livedata::collect {

bool FileSet::matches(const std::string& folder, const std::string& name) const {
  const std::string path = join_path(folder, name);
  return std::any_of(paths.begin(), paths.end(),
                     [&](const PathPattern& pattern) { return pattern.matches(path); });
}

bool FileSet::excludes_file(const std::string& folder, const std::string& name) const {
  return std::any_of(excludes.begin(), excludes.end(),
                     [&](const ExcludePattern& exclude) { return exclude.matches(folder, name); });
}

FileSet usual_log_files(const Path& log_folder) {
  FileSet set;
  for (const char* name :
       {"syslog", "messages", "*.log", "apt/*.log", "nginx/*.log", "apache2/*.log", "httpd/*_log",
        "postgresql/*.log", "mysql/*.log", "redis/*.log", "audit/*.log"}) {
    auto pattern = PathPattern::parse(join_path(log_folder.native(), name));
    LIVEDATA_CHECK(pattern.has_value());
    set.paths.push_back(*std::move(pattern));
  }
  return set;
}

Result<FileSet> file_set_of(std::string_view pattern) {
  FileSet set;
  LIVEDATA_TRY(PathPattern path, PathPattern::parse(pattern));
  set.paths.push_back(std::move(path));
  return set;
}

}  // namespace livedata::collect
