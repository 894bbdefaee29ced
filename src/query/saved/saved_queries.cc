#include "query/saved/saved_queries.h"

#include <algorithm>

#include <fmt/format.h>
#include <yyjson.hpp>

namespace livedata::query::saved {
namespace {

namespace json = livedata_yyjson;

/// The member "name" of a line of the file.
std::string name_of(std::string_view line) {
  std::string copy(line);
  const std::unique_ptr<json::yyjson_doc, decltype(&json::yyjson_doc_free)> document(
      json::yyjson_read(copy.data(), copy.size(), json::YYJSON_READ_NOFLAG), json::yyjson_doc_free);
  json::yyjson_val* name = json::yyjson_obj_get(json::yyjson_doc_get_root(document.get()), "name");
  return json::yyjson_is_str(name) ? json::yyjson_get_str(name) : "";
}

}  // namespace

Result<std::unique_ptr<SavedQueries>> SavedQueries::open(FileSystem& files, const Path& path) {
  std::unique_ptr<SavedQueries> out(new SavedQueries(files, path));  // NOLINT: private
  LIVEDATA_TRY(const bool exists, files.exists(path));
  if (!exists) return out;
  LIVEDATA_TRY(const std::string text, files.read_all(path));
  const MutexLock lock(out->mutex_);
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.empty()) continue;
    auto query = parse_saved_query(name_of(line), line);
    if (!query) {
      return fail(
          Error(query.error()).with_context(fmt::format("{}, line {}", path.string(), number)));
    }
    std::string name = query->name;
    out->queries_.insert_or_assign(std::move(name), *std::move(query));
  }
  return out;
}

std::vector<SavedQuery> SavedQueries::all() const {
  const MutexLock lock(mutex_);
  std::vector<SavedQuery> out;
  for (const auto& [name, query] : queries_) out.push_back(query);
  return out;
}

std::optional<SavedQuery> SavedQueries::find(std::string_view name) const {
  const MutexLock lock(mutex_);
  const auto found = queries_.find(name);
  return found == queries_.end() ? std::nullopt : std::optional(found->second);
}

Result<bool> SavedQueries::put(SavedQuery query) {
  const MutexLock lock(mutex_);
  Queries changed = queries_;
  const bool is_new = !changed.contains(query.name);
  if (is_new && changed.size() >= kMaxQueries) {
    return fail(ErrorCode::kResourceExhausted,
                "there are {} saved queries already, which is the limit; remove some", kMaxQueries);
  }
  changed[query.name] = std::move(query);
  LIVEDATA_RETURN_IF_ERROR(store(changed));
  queries_ = std::move(changed);
  return is_new;
}

Result<void> SavedQueries::remove(std::string_view name) {
  const MutexLock lock(mutex_);
  Queries changed = queries_;
  const auto found = changed.find(name);
  if (found == changed.end())
    return fail(ErrorCode::kNotFound, "there is no saved query '{}'", name);
  changed.erase(found);
  LIVEDATA_RETURN_IF_ERROR(store(changed));
  queries_ = std::move(changed);
  return {};
}

Result<void> SavedQueries::store(const Queries& queries) const {
  LIVEDATA_RETURN_IF_ERROR(files_.create_folders(path_.parent_path()));
  std::string text;
  for (const auto& [name, query] : queries) text += to_json(query) + "\n";
  return write_atomically(files_, path_, text);
}

}  // namespace livedata::query::saved
