#include "server/grpc/status.h"

#include <protozero/pbf_writer.hpp>

namespace livedata::server::grpc {

int status_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kCancelled:
      return 1;
    case ErrorCode::kInvalidArgument:
      return 3;
    case ErrorCode::kDeadlineExceeded:
      return 4;
    case ErrorCode::kNotFound:
      return 5;
    case ErrorCode::kAlreadyExists:
      return 6;
    case ErrorCode::kPermissionDenied:
      return 7;
    // RESOURCE_EXHAUSTED without RetryInfo is final; gRPC itself has it for large messages.
    case ErrorCode::kTooLarge:
    case ErrorCode::kResourceExhausted:
      return 8;
    case ErrorCode::kUnsupported:
      return 12;
    case ErrorCode::kCorrupt:
    case ErrorCode::kIoError:
    case ErrorCode::kInternal:
      return 13;
    case ErrorCode::kUnavailable:
      return 14;
    case ErrorCode::kUnauthenticated:
      return 16;
  }
  return 2;
}

std::optional<std::chrono::seconds> retry_delay(ErrorCode code) {
  if (code == ErrorCode::kResourceExhausted || code == ErrorCode::kUnavailable)
    return std::chrono::seconds(1);
  return std::nullopt;
}

/// Status{1: code, 2: message, 3: Any{1: type, 2: RetryInfo{1: Duration{1: seconds}}}}
std::string encode_status(const Error& error) {
  std::string bytes;
  protozero::pbf_writer status(bytes);
  status.add_int32(1, status_code(error.code));
  status.add_string(2, error.message);
  if (const auto delay = retry_delay(error.code)) {
    protozero::pbf_writer detail(status, 3);
    detail.add_string(1, kRetryInfoType.data(), kRetryInfoType.size());
    protozero::pbf_writer retry_info(detail, 2);
    protozero::pbf_writer duration(retry_info, 1);
    duration.add_int64(1, delay->count());
  }
  return bytes;
}

}  // namespace livedata::server::grpc
