#pragma once

#include <string>

#include "base/clock.h"
#include "ingest/decoded.h"
#include "ingest/writer.h"
#include "model/limits.h"
#include "query/logql/engine.h"
#include "server/api/live_tail.h"
#include "storage/store.h"
#include "tenant/authenticator.h"

namespace livedata::query::sql {
class Engine;
}
namespace livedata::query::lookups {
class Lookups;
}

namespace livedata::server {

/// What the APIs work with; everything outlives the router.
struct ApiContext {
  storage::Store& store;
  ingest::Writer& writer;
  const query::logql::Engine& engine;
  LiveTail& live_tail;
  const Limits& limits;
  const Clock& clock;
  const ingest::pipeline::Pipelines* pipelines = nullptr;  ///< null: none are configured
  ingest::LabelGuard* label_guard = nullptr;               ///< null: labels may have any values
  const query::sql::Engine* sql = nullptr;                 ///< null: there is no SQL here
  const query::lookups::Lookups* lookups = nullptr;        ///< null: searches have none
  const tenant::Authenticator* authenticator = nullptr;    ///< null: everybody may do everything
  std::string version;
};

}  // namespace livedata::server
