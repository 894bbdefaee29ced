#pragma once

#include <span>
#include <string_view>

#include "server/ui/asset.h"

namespace livedata::server {

struct NamedAsset {
  std::string_view path;
  Asset asset;
};

/// Sorted by path. Defined in a file that embed_assets.py writes at build time.
std::span<const NamedAsset> asset_table();

}  // namespace livedata::server
