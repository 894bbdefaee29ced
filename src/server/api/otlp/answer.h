#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/decoded.h"

namespace livedata::server::otlp {

/// How a request is encoded, and so its answer.
enum class Format { kProtobuf, kJson };

/// What senders of other signals are told.
constexpr std::string_view kOnlyLogs =
    "livedata takes logs over OTLP, no traces and metrics; switch their exporters off";

/// An ExportLogsServiceResponse; with partial_success if something was refused.
std::string encode_response(const std::vector<ingest::Rejection>& rejected, Format format);

/// A google.rpc.Status with the error's code and message, and RetryInfo where it may be repeated.
std::string encode_status(const Error& error, Format format);

}  // namespace livedata::server::otlp
