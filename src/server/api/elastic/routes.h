#pragma once

#include "server/api/api_context.h"
#include "server/http/router.h"

namespace livedata::server::elastic {

/// What senders of Elasticsearch use: bulk requests and single documents, and what they ask before
/// they send. The same paths are there below /elasticsearch and /insert/elasticsearch. At the root,
/// "/" and "/INDEX" are the web page's too, so they are answered to clients of Elasticsearch only.
void add_routes(const ApiContext& context, Router& router);

/// Bulk requests and single documents below a prefix.
void add_bulk_routes(const ApiContext& context, std::string_view prefix, Router& router);
/// Facts about the cluster that this seems to be.
void add_cluster_routes(const ApiContext& context, std::string_view prefix, Router& router);
/// Templates, policies, pipelines, indices: everything is there already, and may be set up.
void add_setup_routes(std::string_view prefix, Router& router);

}  // namespace livedata::server::elastic
