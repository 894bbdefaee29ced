#pragma once

#include "base/deadline.h"
#include "model/tenant_scope.h"
#include "query/logql/engine.h"
#include "storage/store.h"

namespace livedata::query::around {

/// What the questions are asked of; everything outlives the call.
struct Context {
  const storage::Store& store;
  const logql::Engine& engine;
  TenantScope scope;
  const Deadline& deadline;
};

}  // namespace livedata::query::around
