#include "query/plan/ip_range.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

namespace livedata::query::plan {
namespace {

constexpr std::size_t kLongestAddress = 45;  // an IPv6 address with a dotted end
constexpr std::size_t kMappedBytes = 12;     // of ::ffff:0:0/96

bool is_v4(const IpAddress& address) {
  return std::all_of(address.begin(), address.begin() + 10, [](auto b) { return b == 0; }) &&
         address[10] == 0xFF && address[11] == 0xFF;
}

bool is_address_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '.' ||
         c == ':';
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  if (text.empty() || text.size() > kLongestAddress) return std::nullopt;
  const std::string terminated(text);
  IpAddress address{};
  if (text.find(':') != std::string_view::npos) {
    if (::inet_pton(AF_INET6, terminated.c_str(), address.data()) != 1) return std::nullopt;
    return address;
  }
  address[10] = address[11] = 0xFF;
  if (::inet_pton(AF_INET, terminated.c_str(), address.data() + kMappedBytes) != 1)
    return std::nullopt;
  return address;
}

Result<IpRange> IpRange::make(std::string_view text) {
  const auto wrong = [&] {
    return fail(ErrorCode::kInvalidArgument,
                "'{}' is no address, range of addresses (a-b) or prefix (a/n)", text);
  };
  IpRange range;
  if (const std::size_t dash = text.find('-'); dash != std::string_view::npos) {
    const auto first = parse_ip(text.substr(0, dash));
    const auto last = parse_ip(text.substr(dash + 1));
    if (!first || !last || is_v4(*first) != is_v4(*last) || *last < *first) return wrong();
    range.first_ = *first;
    range.last_ = *last;
    return range;
  }
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto address = parse_ip(text.substr(0, slash));
  if (!address) return wrong();
  range.first_ = range.last_ = *address;
  if (slash == text.size()) return range;
  unsigned length = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data() + slash + 1, end, length);
  const unsigned bits = is_v4(*address) ? 32 : 128;
  if (error != std::errc() || at != end || length > bits) return wrong();
  for (unsigned bit = 128 - bits + length; bit < 128; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    range.first_[bit / 8] = static_cast<std::uint8_t>(range.first_[bit / 8] & ~mask);
    range.last_[bit / 8] = static_cast<std::uint8_t>(range.last_[bit / 8] | mask);
  }
  return range;
}

bool IpRange::contains(std::string_view address) const {
  const auto parsed = parse_ip(address);
  return parsed && contains(*parsed);
}

bool IpRange::found_in(std::string_view line) const {
  while (!line.empty()) {
    const auto* const begin = std::find_if(line.begin(), line.end(), is_address_character);
    const auto* end = std::find_if_not(begin, line.end(), is_address_character);
    std::string_view word(begin, static_cast<std::size_t>(end - begin));
    line.remove_prefix(static_cast<std::size_t>(end - line.begin()));
    const bool may_be_address = word.find_first_of(".:") != std::string_view::npos;
    // What stands around an address may look like a part of it: "10.0.0.1:443", "at 10.0.0.1."
    while (may_be_address && !word.empty()) {
      if (word.size() <= kLongestAddress && contains(word)) return true;
      const std::size_t dotted = word.find(':');
      if (dotted != std::string_view::npos && contains(word.substr(0, dotted))) return true;
      if (word.front() == '.' || word.front() == ':') {
        if (word.size() > 1 && word.substr(0, 2) != "::") {
          word.remove_prefix(1);
          continue;
        }
      }
      if (word.back() != '.' && word.back() != ':') break;
      word.remove_suffix(1);
    }
    if (begin == end) break;
  }
  return false;
}

}  // namespace livedata::query::plan
