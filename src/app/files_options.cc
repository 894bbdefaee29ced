#include "app/files_options.h"

#include <filesystem>
#include <system_error>

#include "collect/files/compile_files.h"

namespace livedata {

Result<std::vector<collect::FileSet>> files_to_follow(const Config& config) {
  LIVEDATA_TRY(std::vector<collect::FileSet> sets,
               collect::compile_files(config.file_text, config.file_name));
  for (const std::string& pattern : config.files) {
    std::error_code error;
    const Path path = std::filesystem::absolute(pattern, error);
    auto set = collect::file_set_of(path.lexically_normal().native());
    if (!set) return fail(std::move(set).error().with_context("--file"));
    sets.push_back(*std::move(set));
  }
  return sets;
}

}  // namespace livedata
