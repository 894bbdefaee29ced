#include "base/result.h"

#include <array>

namespace livedata {
namespace {

struct CodeRow {
  ErrorCode code;
  std::string_view name;
  int http_status;
  int exit_code;
};

constexpr std::array kCodes = {
    CodeRow{ErrorCode::kInvalidArgument, "invalid_argument", 400, 2},
    CodeRow{ErrorCode::kNotFound, "not_found", 404, 3},
    CodeRow{ErrorCode::kAlreadyExists, "already_exists", 409, 1},
    CodeRow{ErrorCode::kUnauthenticated, "unauthenticated", 401, 1},
    CodeRow{ErrorCode::kPermissionDenied, "permission_denied", 403, 1},
    CodeRow{ErrorCode::kTooLarge, "too_large", 413, 1},
    CodeRow{ErrorCode::kResourceExhausted, "resource_exhausted", 429, 1},
    CodeRow{ErrorCode::kUnavailable, "unavailable", 503, 3},
    CodeRow{ErrorCode::kDeadlineExceeded, "deadline_exceeded", 504, 1},
    CodeRow{ErrorCode::kCancelled, "cancelled", 499, 1},
    CodeRow{ErrorCode::kCorrupt, "corrupt", 500, 4},
    CodeRow{ErrorCode::kIoError, "io_error", 500, 1},
    CodeRow{ErrorCode::kUnsupported, "unsupported", 501, 1},
    CodeRow{ErrorCode::kInternal, "internal", 500, 1},
};

constexpr bool rows_follow_enum() {
  for (std::size_t i = 0; i < kCodes.size(); ++i) {
    if (static_cast<std::size_t>(kCodes[i].code) != i) return false;
  }
  return kCodes.size() == static_cast<std::size_t>(ErrorCode::kInternal) + 1;
}
static_assert(rows_follow_enum());

const CodeRow& row(ErrorCode code) { return kCodes[static_cast<std::size_t>(code)]; }

}  // namespace

std::string_view name(ErrorCode code) { return row(code).name; }
int http_status(ErrorCode code) { return row(code).http_status; }
int exit_code(ErrorCode code) { return row(code).exit_code; }

Error Error::with_context(std::string_view where) && {
  message = fmt::format("{}: {}", where, message);
  return std::move(*this);
}

}  // namespace livedata
