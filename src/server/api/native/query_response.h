#pragma once

#include <memory>

#include "query/sql/engine.h"
#include "server/http/message.h"

namespace livedata::server::native {

/// {"error": {"code", "message", "line", "column"}} with the error's status.
Response query_error_response(const query::sql::QueryError& failure);

/// An answer that is written as it comes.
Response query_response(query::sql::Format format,
                        std::unique_ptr<query::sql::AnswerStream> answer);

}  // namespace livedata::server::native
