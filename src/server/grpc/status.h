#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::server::grpc {

/// The name of the message that says when to repeat a call.
constexpr std::string_view kRetryInfoType = "type.googleapis.com/google.rpc.RetryInfo";

/// The code of google/rpc/code.proto.
int status_code(ErrorCode code);

/// When to repeat a call that failed, if that makes sense.
std::optional<std::chrono::seconds> retry_delay(ErrorCode code);

/// A google.rpc.Status with the error's code and message, and RetryInfo where it may be repeated.
std::string encode_status(const Error& error);

}  // namespace livedata::server::grpc
