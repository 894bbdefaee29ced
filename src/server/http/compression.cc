#include "server/http/compression.h"

#include <libdeflate.h>

#include <memory>

namespace livedata::server {
namespace {

constexpr std::size_t kMinBytes = 1024;
constexpr int kLevel = 1;  // a client on the same network waits longer for better ones

bool accepts_gzip(std::string_view header) {
  while (!header.empty()) {
    const std::string_view item = header.substr(0, header.find(','));
    header.remove_prefix(std::min(item.size() + 1, header.size()));
    const std::size_t start = item.find_first_not_of(' ');
    if (start == std::string_view::npos) continue;
    const std::string_view name = item.substr(start, item.find_first_of("; ", start) - start);
    const bool refused =
        item.find("q=0") != std::string_view::npos && item.find("q=0.") == std::string_view::npos;
    if ((name == "gzip" || name == "*") && !refused) return true;
  }
  return false;
}

struct FreeCompressor {
  void operator()(libdeflate_compressor* compressor) const {
    libdeflate_free_compressor(compressor);
  }
};

}  // namespace

void compress(const Request& request, Response& response) {
  if (response.events != nullptr || response.body.size() < kMinBytes ||
      !response.static_body.empty() || !accepts_gzip(request.header("accept-encoding")))
    return;
  const std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor(
      libdeflate_alloc_compressor(kLevel));
  if (compressor == nullptr) return;
  std::string out(libdeflate_gzip_compress_bound(compressor.get(), response.body.size()), '\0');
  const std::size_t size = libdeflate_gzip_compress(compressor.get(), response.body.data(),
                                                    response.body.size(), out.data(), out.size());
  if (size == 0) return;
  out.resize(size);
  response.body = std::move(out);
  response.headers.emplace_back("Content-Encoding", "gzip");
  response.headers.emplace_back("Vary", "Accept-Encoding");
}

}  // namespace livedata::server
