#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include <fmt/core.h>
#include <tl/expected.hpp>

#include "base/result.h"

namespace livedata::query::spl {

/// Why a search can't be run, and the byte of its text that is to blame.
struct Fault {
  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

  Error error;
  std::size_t offset = kNowhere;
};

template <class T>
using Parsed = tl::expected<T, Fault>;

/// A mistake in the search, at a byte of its text.
template <class... Args>
tl::unexpected<Fault> mistake(std::size_t offset, fmt::format_string<Args...> format,
                              Args&&... args) {
  return tl::unexpected<Fault>(Fault{
      {ErrorCode::kInvalidArgument, fmt::format(format, std::forward<Args>(args)...)}, offset});
}

/// Line and column of a byte of a text, in bytes from 1.
struct Place {
  std::size_t line = 1;
  std::size_t column = 1;
};
Place place_of(std::string_view text, std::size_t offset);

}  // namespace livedata::query::spl

namespace livedata {

/// For LIVEDATA_TRY in functions that return a Parsed.
inline tl::unexpected<query::spl::Fault> fail(query::spl::Fault fault) {
  return tl::unexpected<query::spl::Fault>(std::move(fault));
}

}  // namespace livedata
