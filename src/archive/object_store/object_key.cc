#include "archive/object_store/object_key.h"

#include <algorithm>

namespace livedata::archive {
namespace {

bool is_allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '=' || c == '-';
}

}  // namespace

bool is_key_part(std::string_view part) {
  return !part.empty() && part.size() <= kMaxKeyPartBytes && part.front() != '.' &&
         std::all_of(part.begin(), part.end(), is_allowed);
}

Result<void> check_key(std::string_view key) {
  bool is_valid = key.size() <= kMaxKeyBytes;
  std::string_view rest = key;
  for (std::size_t slash = 0; is_valid && slash != std::string_view::npos;) {
    slash = rest.find('/');
    is_valid = is_key_part(rest.substr(0, slash));
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  if (is_valid) return {};
  return fail(ErrorCode::kInvalidArgument,
              "'{}' is no key of an object: parts of A-Z a-z 0-9 . _ = - that begin with no dot, "
              "with / between them, at most {} bytes each and {} in all",
              key.substr(0, kMaxKeyBytes), kMaxKeyPartBytes, kMaxKeyBytes);
}

Result<void> check_prefix(std::string_view prefix) {
  if (prefix.empty()) return {};
  return check_key(prefix.ends_with('/') ? prefix.substr(0, prefix.size() - 1) : prefix);
}

}  // namespace livedata::archive
