#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata {

/// The owner of data. 1 to 64 characters of [A-Za-z0-9_-.], not starting with a dot, so that it is
/// a safe folder name as it stands.
class TenantId {
 public:
  /// The tenant of a server without tenants.
  static TenantId single() { return TenantId("default"); }
  static Result<TenantId> parse(std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }
  auto operator<=>(const TenantId&) const = default;

 private:
  explicit TenantId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace livedata
