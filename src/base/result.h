#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <tl/expected.hpp>

namespace livedata {

/// What went wrong, as far as a caller can act on it. The one table in result.cc maps each code to
/// its name, HTTP status and process exit code.
enum class ErrorCode {
  kInvalidArgument,  ///< the request or its data is wrong; repeating it is useless
  kNotFound,
  kAlreadyExists,
  kUnauthenticated,
  kPermissionDenied,
  kTooLarge,           ///< a size limit of the request itself
  kResourceExhausted,  ///< a limit of ours is reached; try again later
  kUnavailable,        ///< not ready, shutting down, or disk full
  kDeadlineExceeded,
  kCancelled,
  kCorrupt,  ///< stored bytes don't match their checksum or format
  kIoError,
  kUnsupported,
  kInternal,
};

/// Name as it stands in answers and logs, such as "invalid_argument".
std::string_view name(ErrorCode code);
/// HTTP status for an answer that carries this error.
int http_status(ErrorCode code);
/// Exit code of the command line: 1 failure, 2 wrong usage, 3 not found or unavailable, 4 damaged
/// data.
int exit_code(ErrorCode code);

/// An expected failure: a code to act on and a message for a person (what, where, what to do).
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;

  /// The same error with "where: " put in front of its message.
  Error with_context(std::string_view where) &&;
};

/// A T or an Error. The only vehicle for failures that are not bugs; dropping one is a compile
/// error.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using Base = tl::expected<T, Error>;
  using Base::Base;
  /// Not defaulted: `return {}` would set all bytes to zero before T is made, at a cost where T is
  /// large and the call is short.
  Result() {}                                   // NOLINT(modernize-use-equals-default)
  Result(Base base) : Base(std::move(base)) {}  // NOLINT(google-explicit-constructor)
};

/// The failure with a formatted message, convertible to every Result.
template <class... Args>
tl::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  return tl::unexpected<Error>(Error{code, fmt::format(format, std::forward<Args>(args)...)});
}

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace livedata

// NOLINTBEGIN(bugprone-macro-parentheses): declarations and names can't stand in parentheses
#define LIVEDATA_CONCAT_(a, b) a##b
#define LIVEDATA_CONCAT(a, b) LIVEDATA_CONCAT_(a, b)
#define LIVEDATA_TRY_(temporary, declaration, expression)                \
  auto temporary = (expression);                                         \
  if (!temporary) return ::livedata::fail(std::move(temporary).error()); \
  declaration = *std::move(temporary)

/// LIVEDATA_TRY(auto x, f()): x is f's value, or the function returns f's error.
#define LIVEDATA_TRY(declaration, expression) \
  LIVEDATA_TRY_(LIVEDATA_CONCAT(result_, __COUNTER__), declaration, expression)

/// LIVEDATA_RETURN_IF_ERROR(f()): the function returns f's error, if it has one.
#define LIVEDATA_RETURN_IF_ERROR(expression)               \
  do {                                                     \
    if (auto result_ = (expression); !result_)             \
      return ::livedata::fail(std::move(result_).error()); \
  } while (false)
// NOLINTEND(bugprone-macro-parentheses)
