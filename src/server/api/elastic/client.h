#pragma once

#include "server/http/message.h"

namespace livedata::server::elastic {

/// Whether the request comes from a library or program that speaks to Elasticsearch, by the
/// headers it sends.
bool is_elastic_client(const Request& request);

/// Whether a person looks at it: someone who wants HTML and is no client of Elasticsearch.
bool is_browser(const Request& request);

}  // namespace livedata::server::elastic
