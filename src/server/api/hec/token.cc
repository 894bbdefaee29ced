#include "server/api/hec/token.h"

#include <algorithm>
#include <cctype>

#include "encoding/base64.h"

namespace livedata::server::hec {
namespace {

/// What follows the name of a scheme, whose case does not matter (RFC 9110, section 11.1).
std::optional<std::string_view> credentials(std::string_view header, std::string_view scheme) {
  const bool meets = header.size() > scheme.size() && header[scheme.size()] == ' ' &&
                     std::equal(scheme.begin(), scheme.end(), header.begin(), [](char a, char b) {
                       return a == std::tolower(static_cast<unsigned char>(b));
                     });
  if (!meets) return std::nullopt;
  const std::string_view rest = header.substr(scheme.size());
  const std::size_t first = rest.find_first_not_of(' ');
  if (first == std::string_view::npos) return std::nullopt;
  return rest.substr(first, rest.find_last_not_of(' ') + 1 - first);
}

}  // namespace

std::optional<std::string> token_of(const Request& request) {
  const std::string_view header = request.header("authorization");
  if (const auto token = credentials(header, "splunk")) return std::string(*token);
  if (const auto basic = credentials(header, "basic")) {
    const auto text = encoding::base64_decode(*basic);
    const std::size_t colon = text ? text->find(':') : std::string::npos;
    if (colon == std::string::npos || colon + 1 == text->size()) return std::nullopt;
    return text->substr(colon + 1);
  }
  const std::string_view parameter = request.query.get("token");
  return parameter.empty() ? std::nullopt : std::optional(std::string(parameter));
}

}  // namespace livedata::server::hec
