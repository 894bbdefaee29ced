#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace livedata::query::plan {

/// An IPv4 or IPv6 address; the former as ::ffff:a.b.c.d, so that both have one order.
using IpAddress = std::array<std::uint8_t, 16>;

std::optional<IpAddress> parse_ip(std::string_view text);

/// What LogQL's ip("...") stands for: an address, a range a-b, or a CIDR prefix a/n. Addresses of
/// the other family are never in it.
class IpRange {
 public:
  static Result<IpRange> make(std::string_view text);

  [[nodiscard]] bool contains(const IpAddress& address) const {
    return first_ <= address && address <= last_;
  }
  /// Whether the text is an address of the range.
  [[nodiscard]] bool contains(std::string_view address) const;
  /// Whether somewhere in the line there is an address of the range.
  [[nodiscard]] bool found_in(std::string_view line) const;

 private:
  IpAddress first_{};
  IpAddress last_{};
};

}  // namespace livedata::query::plan
