#include "app/page.h"

#include <fmt/format.h>

#include "server/ui/asset.h"

namespace livedata {

server::Response serve_page(const server::Request& request) {
  auto asset =
      server::find_asset(request.path == "/" ? "/index.html" : std::string_view(request.path));
  // Other paths are the page's own, but only a browser means them so.
  const bool is_browser = request.header("accept").find("text/html") != std::string_view::npos;
  if (!asset && !is_browser)
    return server::Response::text(404, fmt::format("there is nothing at {}\n", request.path));
  if (!asset) asset = server::find_asset("/index.html");
  if (!asset) return server::Response::text(404, "this build has no web page\n");
  server::Response response;
  response.content_type = asset->content_type;
  response.headers.emplace_back("ETag", asset->etag);
  response.headers.emplace_back(
      "Cache-Control", asset->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.emplace_back("Content-Security-Policy",
                                "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src "
                                "'self' data:; frame-ancestors 'none'; base-uri 'none'");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  if (asset->gzip) response.headers.emplace_back("Content-Encoding", "gzip");
  if (request.header("if-none-match") == asset->etag) {
    response.status = 304;
    return response;
  }
  response.static_body = asset->bytes;
  return response;
}

}  // namespace livedata
