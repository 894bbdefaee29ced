#pragma once

#include <optional>
#include <string_view>

namespace livedata::server {

/// A file of the web page, compiled into the binary. All views live as long as the program.
struct Asset {
  std::string_view bytes;         ///< the body as it is to be sent
  std::string_view content_type;  ///< with its charset
  std::string_view etag;          ///< strong, quotes included; changes with the content
  bool immutable = false;         ///< the name carries a hash of the content: cache it for ever
  bool gzip = false;              ///< `bytes` is gzip: send Content-Encoding: gzip
};

/// The file at a URL path ("/", "/assets/index-1a2b3c.js"); "/" is the page itself.
/// Unknown paths give nothing. Paths are compared with a fixed list: nothing is read from disk.
/// Thread-safe.
std::optional<Asset> find_asset(std::string_view path);

}  // namespace livedata::server
