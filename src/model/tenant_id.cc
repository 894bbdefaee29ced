#include "model/tenant_id.h"

#include <algorithm>

namespace livedata {

Result<TenantId> TenantId::parse(std::string_view text) {
  constexpr std::size_t kMaxLength = 64;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  if (text.empty() || text.size() > kMaxLength || text.front() == '.' ||
      !std::all_of(text.begin(), text.end(), allowed)) {
    return fail(
        ErrorCode::kInvalidArgument,
        "a tenant id has 1 to {} letters, digits, '_', '-' or '.', and does not start with '.'",
        kMaxLength);
  }
  return TenantId(std::string(text));
}

}  // namespace livedata
