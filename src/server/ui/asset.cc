#include "server/ui/asset.h"

#include <algorithm>

#include "server/ui/asset_table.h"

namespace livedata::server {

std::optional<Asset> find_asset(std::string_view path) {
  if (path == "/") path = "/index.html";
  const auto table = asset_table();
  const auto found = std::ranges::lower_bound(table, path, {}, &NamedAsset::path);
  if (found == table.end() || found->path != path) return std::nullopt;
  return found->asset;
}

}  // namespace livedata::server
