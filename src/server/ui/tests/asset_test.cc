#include "server/ui/asset.h"

#include <set>
#include <string_view>

#include <gtest/gtest.h>

#include "server/ui/asset_table.h"

namespace livedata::server {
namespace {

TEST(Asset, RootIsThePage) {
  const auto page = find_asset("/");
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->content_type, "text/html; charset=utf-8");
  EXPECT_FALSE(page->immutable);
  EXPECT_EQ(page->bytes.data(), find_asset("/index.html")->bytes.data());
}

TEST(Asset, UnknownAndTraversingPathsAreNothing) {
  for (const std::string_view path :
       {"", "index.html", "/nothing", "/../etc/passwd", "/index.html/"})
    EXPECT_FALSE(find_asset(path).has_value()) << path;
}

TEST(Asset, EveryEntryIsFoundByItsPath) {
  std::set<std::string_view> etags;
  for (const NamedAsset& entry : asset_table()) {
    const auto asset = find_asset(entry.path);
    ASSERT_TRUE(asset.has_value()) << entry.path;
    EXPECT_EQ(asset->bytes.data(), entry.asset.bytes.data()) << entry.path;
    EXPECT_FALSE(asset->bytes.empty()) << entry.path;
    EXPECT_EQ(asset->etag.front(), '"') << entry.path;
    EXPECT_TRUE(etags.insert(asset->etag).second) << entry.path;
    EXPECT_EQ(asset->immutable, entry.path.starts_with("/assets/")) << entry.path;
  }
}

TEST(Asset, GzipFlagTellsTheTruth) {
  for (const NamedAsset& entry : asset_table())
    EXPECT_EQ(entry.asset.gzip, entry.asset.bytes.starts_with("\x1f\x8b")) << entry.path;
}

}  // namespace
}  // namespace livedata::server
