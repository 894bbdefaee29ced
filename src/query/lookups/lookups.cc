#include "query/lookups/lookups.h"

#include <algorithm>
#include <cctype>

#include "base/utf8.h"

namespace livedata::query::lookups {
namespace {

constexpr std::string_view kEnding = ".csv";

bool is_name(std::string_view name) {
  constexpr std::size_t kMaxNameBytes = 64;
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return (c < 0x80 && std::isalnum(c) != 0) || c == '_' || c == '-';
         });
}

}  // namespace

Result<Path> Lookups::path_of(std::string_view name) const {
  if (!is_name(name))
    return fail(ErrorCode::kInvalidArgument,
                "the name of a lookup has letters of ASCII, digits, _ and -, 64 at most");
  return folder_ / (std::string(name) + std::string(kEnding));
}

Result<std::vector<std::string>> Lookups::names() const {
  auto listed = files_.list(folder_);
  if (!listed && listed.error().code == ErrorCode::kNotFound) return std::vector<std::string>();
  if (!listed) return listed;
  std::vector<std::string> names;
  for (const std::string& file : *listed) {
    if (!file.ends_with(kEnding)) continue;
    std::string name = file.substr(0, file.size() - kEnding.size());
    if (is_name(name)) names.push_back(std::move(name));
  }
  return names;
}

Result<std::string> Lookups::text(std::string_view name) const {
  LIVEDATA_TRY(const Path path, path_of(name));
  LIVEDATA_TRY(const bool exists, files_.exists(path));
  if (!exists)
    return fail(ErrorCode::kNotFound, "there is no lookup '{}'; see /api/v1/lookups", name);
  return files_.read_all(path);
}

Result<CsvTable> Lookups::table(std::string_view name) const {
  LIVEDATA_TRY(const std::string csv, text(name));
  return parse_csv(csv);
}

Result<bool> Lookups::put(std::string_view name, std::string_view csv) {
  LIVEDATA_TRY(const Path path, path_of(name));
  if (csv.size() > kMaxFileBytes)
    return fail(ErrorCode::kTooLarge, "a lookup has {} MiB at most", kMaxFileBytes >> 20U);
  if (!is_utf8(csv) || csv.find('\0') != std::string_view::npos)
    return fail(ErrorCode::kInvalidArgument, "the lookup is not UTF-8 text");
  LIVEDATA_TRY(const CsvTable table, parse_csv(csv));
  const MutexLock lock(mutex_);
  LIVEDATA_TRY(const bool exists, files_.exists(path));
  LIVEDATA_TRY(const std::vector<std::string> all, names());
  if (!exists && all.size() >= kMaxLookups)
    return fail(ErrorCode::kResourceExhausted, "there are {} lookups already", kMaxLookups);
  LIVEDATA_RETURN_IF_ERROR(files_.create_folders(folder_));
  const Path next = folder_ / (std::string(name) + ".next");
  LIVEDATA_TRY(const auto file, files_.create(next));
  LIVEDATA_RETURN_IF_ERROR(file->append(csv));
  LIVEDATA_RETURN_IF_ERROR(file->sync());
  LIVEDATA_RETURN_IF_ERROR(files_.rename(next, path));
  LIVEDATA_RETURN_IF_ERROR(files_.sync_folder(folder_));
  return !exists;
}

Result<void> Lookups::remove(std::string_view name) {
  LIVEDATA_TRY(const Path path, path_of(name));
  const MutexLock lock(mutex_);
  LIVEDATA_TRY(const bool exists, files_.exists(path));
  if (!exists)
    return fail(ErrorCode::kNotFound, "there is no lookup '{}'; see /api/v1/lookups", name);
  LIVEDATA_RETURN_IF_ERROR(files_.remove(path));
  return files_.sync_folder(folder_);
}

}  // namespace livedata::query::lookups
