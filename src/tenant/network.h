#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace livedata::tenant {

/// A network such as 10.1.0.0/16 or fd00::/8, or one address. IPv4 is kept as the mapped IPv6
/// address (RFC 4291, section 2.5.5.2), so that both kinds of sockets give the same answer.
class Network {
 public:
  static Result<Network> parse(std::string_view text);
  /// False for what is no address.
  [[nodiscard]] bool holds(std::string_view address) const;
  [[nodiscard]] unsigned prefix_bits() const { return prefix_bits_; }

 private:
  std::array<std::uint8_t, 16> address_{};
  unsigned prefix_bits_ = 128;
};

}  // namespace livedata::tenant
