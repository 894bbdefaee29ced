#pragma once

#include <string_view>

#include "base/result.h"
#include "ingest/decoded.h"

namespace livedata::ingest::datadog {

/// What a request's query string says of all its logs, for those that do not say it themselves.
/// "" means unknown. Tags add to those of the logs.
struct Metadata {
  std::string_view source;
  std::string_view tags;
  std::string_view host;
  std::string_view service;
};

/// Decodes a log or an array of them. kInvalidArgument for what is no JSON; wrong logs are rejected
/// one by one. An object without members is no log: agents send it to see whether we are there.
///   time    timestamp, or date, where they hold one, else the time of arrival
///   line    message, else the whole log
///   labels  service_name from service, source from ddsource, host from hostname; of the tags env,
///           version, cluster, namespace, pod and container
///   fields  everything else, other tags too; status is called level
/// A log with more than a record may have in its fields is its line as a whole, without them.
Result<Decoded> decode_json(std::string_view body, const Metadata& defaults,
                            const DecodeContext& context);

/// Decodes text: each line that is not blank is a log.
Decoded decode_text(std::string_view body, const Metadata& metadata, const DecodeContext& context);

}  // namespace livedata::ingest::datadog
