#pragma once

#include <string>

#include "base/clock.h"
#include "ingest/writer.h"
#include "model/limits.h"
#include "query/logql/engine.h"
#include "server/http/router.h"
#include "storage/store.h"

namespace livedata::server {

/// What the APIs work with; everything outlives the router.
struct ApiContext {
  storage::Store& store;
  ingest::Writer& writer;
  const query::logql::Engine& engine;
  const Limits& limits;
  const Clock& clock;
  TenantId tenant = TenantId::single();
  std::string version;
};

namespace loki {

/// Loki's HTTP API below /loki/api/v1.
void add_routes(const ApiContext& context, Router& router);

}  // namespace loki
}  // namespace livedata::server
