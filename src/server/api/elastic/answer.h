#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "server/http/message.h"

namespace livedata::server::elastic {

/// The version of Elasticsearch whose clients are served.
constexpr std::string_view kVersion = "8.17.0";

/// A JSON answer with the headers by which clients recognise Elasticsearch, in the shape that the
/// request's `filter_path` and `pretty` ask for.
Response answer(const Request& request, int status, std::string json);

/// {"error":{"root_cause":[...],"type":...,"reason":...},"status":...}
Response answer_error(const Request& request, int status, std::string_view type,
                      std::string_view reason);

/// An error of ours in Elasticsearch's form. What may be tried again later is 429, as senders
/// expect it.
Response answer_error(const Request& request, const Error& error);

/// For paths and methods that Elasticsearch does not have either.
Response answer_no_handler(const Request& request);

}  // namespace livedata::server::elastic
