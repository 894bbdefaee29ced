#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/label_matcher.h"
#include "model/tenant_id.h"

namespace livedata {

/// What somebody may see: a tenant's records, or those of them whose streams' labels match. The
/// store applies it to everything that is read, so that no query can ask for more.
struct TenantScope {
  TenantId tenant;
  std::vector<LabelMatcher> streams = {};  ///< empty: all

  TenantScope(TenantId whole)  // NOLINT(google-explicit-constructor): a tenant is all of itself
      : tenant(std::move(whole)) {}
  TenantScope(TenantId owner, std::vector<LabelMatcher> matching)
      : tenant(std::move(owner)), streams(std::move(matching)) {}

  /// Another one for each scope, to tell what was kept for one from what was for another.
  [[nodiscard]] std::string text() const {
    std::string out = tenant.text();
    for (const LabelMatcher& matcher : streams)
      out += '\n' + matcher.name() + std::string(symbol(matcher.op())) + matcher.value();
    return out;
  }
};

}  // namespace livedata
