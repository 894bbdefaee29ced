#include "tenant/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

namespace livedata::tenant {
namespace {

constexpr unsigned kMappedBits = 96;
constexpr unsigned kAllBits = 128;

struct Address {
  std::array<std::uint8_t, 16> bytes{};
  bool is_v4 = false;
};

std::optional<Address> parse_address(std::string_view text) {
  const std::string copy(text.substr(0, std::min(text.find('%'), text.size())));  // fe80::1%eth0
  Address address;
  if (::inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) return address;
  std::array<std::uint8_t, 4> v4{};
  if (::inet_pton(AF_INET, copy.c_str(), v4.data()) != 1) return std::nullopt;
  address.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, v4[0], v4[1], v4[2], v4[3]};
  address.is_v4 = true;
  return address;
}

}  // namespace

Result<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  Network network;
  unsigned bits = kAllBits;
  bool good = address.has_value();
  if (good && slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    good = error == std::errc() && end == digits.data() + digits.size();
    if (address->is_v4) bits += kMappedBits;
  }
  if (!good || bits > kAllBits) {
    return fail(ErrorCode::kInvalidArgument,
                "'{}' is no network such as 10.1.0.0/16 or fd00::/8, and no address",
                text.substr(0, 64));
  }
  network.address_ = address->bytes;
  network.prefix_bits_ = bits;
  return network;
}

bool Network::holds(std::string_view text) const {
  const auto address = parse_address(text);
  if (!address) return false;
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned bits = prefix_bits_ > i * 8 ? std::min(prefix_bits_ - i * 8, 8U) : 0;
    const unsigned mask = 0xffU << (8 - bits) & 0xffU;
    if (((address->bytes.at(i) ^ address_.at(i)) & mask) != 0) return false;
  }
  return true;
}

}  // namespace livedata::tenant
