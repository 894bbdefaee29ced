#include "collect/files/path_pattern.h"

#include <fnmatch.h>

#include <algorithm>

namespace livedata::collect {
namespace {

constexpr std::size_t kMaxParts = 64;

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0) parts.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return parts;
}

bool is_literal(const std::string& part) {
  return part.find_first_of("*?[\\") == std::string::npos;
}

}  // namespace

Result<PathPattern> PathPattern::parse(std::string_view text) {
  if (!text.starts_with('/'))
    return fail(ErrorCode::kInvalidArgument, "'{}' is not an absolute path", text);
  PathPattern pattern;
  pattern.text_ = text;
  for (std::string& part : split(text)) {
    if (part == "." || part == "..")
      return fail(ErrorCode::kInvalidArgument, "'{}' must be written without '{}'", text, part);
    // Twice in a row says no more than once.
    if (part == "**" && !pattern.parts_.empty() && pattern.parts_.back() == "**") continue;
    pattern.parts_.push_back(std::move(part));
  }
  const auto& parts = pattern.parts_;
  if (parts.empty() || text.ends_with('/') || parts.back() == "**")
    return fail(ErrorCode::kInvalidArgument, "'{}' must end with the name of files, such as *.log",
                text);
  if (parts.size() > kMaxParts)
    return fail(ErrorCode::kInvalidArgument, "'{}' has more than {} parts", text, kMaxParts);
  while (pattern.literal_parts_ + 1 < parts.size() && is_literal(parts[pattern.literal_parts_]))
    ++pattern.literal_parts_;
  return pattern;
}

std::string PathPattern::folder_of(std::size_t parts) const {
  std::string folder = "/";
  for (std::size_t i = 0; i < parts; ++i) folder = join_path(folder, parts_[i]);
  return folder;
}

bool PathPattern::matches_part(std::size_t part, const std::string& name) const {
  if (parts_[part] == "**") return !name.starts_with('.');
  return ::fnmatch(parts_[part].c_str(), name.c_str(), FNM_PERIOD) == 0;
}

bool PathPattern::matches(std::string_view path) const {
  // Which parts may match the next name; a list, because ** leaves it open.
  std::vector<bool> here(parts_.size() + 1);
  here[0] = true;
  for (const std::string& name : split(path)) {
    std::vector<bool> next(parts_.size() + 1);
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (!here[i]) continue;
      if (!is_any_depth(i)) {
        if (matches_part(i, name)) next[i + 1] = true;
        continue;
      }
      if (matches_part(i, name)) next[i] = true;
      if (matches_part(i + 1, name)) next[i + 2] = true;
    }
    here = std::move(next);
  }
  return here[parts_.size()];
}

Result<ExcludePattern> ExcludePattern::parse(std::string_view text) {
  ExcludePattern exclude;
  if (text.empty()) return fail(ErrorCode::kInvalidArgument, "a pattern is empty");
  if (text.find('/') == std::string_view::npos) {
    exclude.name_ = text;
    return exclude;
  }
  LIVEDATA_TRY(PathPattern pattern, PathPattern::parse(text));
  exclude.path_.push_back(std::move(pattern));
  return exclude;
}

bool ExcludePattern::matches(const std::string& folder, const std::string& name) const {
  if (path_.empty()) return ::fnmatch(name_.c_str(), name.c_str(), 0) == 0;
  return path_.front().matches(join_path(folder, name));
}

std::string join_path(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (!path.ends_with('/')) path += '/';
  path += name;
  return path;
}

}  // namespace livedata::collect
