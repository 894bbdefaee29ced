#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "ingest/decoded.h"
#include "server/api/api_context.h"
#include "server/http/message.h"
#include "tenant/identity.h"

namespace livedata::server {

// What all doors that take records have in common.

/// The request's body without its Content-Encoding. `buffer` holds it if there was one; it and the
/// request must outlive the view.
Result<std::string_view> plain_body(const Request& request, const ApiContext& context,
                                    std::string& buffer);

/// What a decoder needs to know; `source` is the door, as pipelines name it. `sender` must outlive
/// the context.
ingest::DecodeContext decode_context(const ApiContext& context, const tenant::Identity& sender,
                                     std::string_view source);

/// Stores the sender's records and counts what the decoder refused; durable on return.
Result<void> store(const ApiContext& context, const tenant::Identity& sender,
                   ingest::Decoded decoded);

/// A line for each reason why records were refused.
std::string describe(const std::vector<ingest::Rejection>& rejected);

}  // namespace livedata::server
