#include "app/object_store_options.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"

namespace livedata {
namespace {

Config configured(const std::map<std::string, std::string>& settings) {
  PosixFileSystem files;
  auto config =
      load_config(files, std::nullopt, [](const std::string&) { return std::nullopt; }, settings);
  EXPECT_TRUE(config.has_value());
  return config.value_or(Config());
}

TEST(ObjectStoreOptionsTest, TheDefaultsAreAmazons) {
  const auto options =
      object_store_options(configured({{"archive.s3.bucket", "logs"}}), "/data", {{"HOME", "/h"}});
  ASSERT_TRUE(options.has_value()) << options.error().message;
  EXPECT_EQ(options->s3.bucket, "logs");
  EXPECT_EQ(options->s3.region, "us-east-1");
  EXPECT_EQ(options->s3.addressing, archive::s3::Addressing::kAuto);
  EXPECT_EQ(options->s3.part_bytes, std::size_t{16} << 20U);
  EXPECT_EQ(options->s3.credentials.environment.at("HOME"), "/h");
  EXPECT_EQ(options->cache_folder, "/data/cache/s3");
  EXPECT_EQ(options->cache_bytes, std::uint64_t{1} << 30U);
}

TEST(ObjectStoreOptionsTest, AllOfThemReachTheStore) {
  const auto options = object_store_options(configured({{"archive.s3.endpoint", "https://e:1"},
                                                        {"archive.s3.region", "r"},
                                                        {"archive.s3.prefix", "p"},
                                                        {"archive.s3.path_style", "false"},
                                                        {"archive.s3.ca_file", "/ca"},
                                                        {"archive.s3.access_key_id", "id"},
                                                        {"archive.s3.secret_access_key", "s"},
                                                        {"archive.s3.profile", "x"},
                                                        {"archive.s3.credentials_file", "/c"},
                                                        {"archive.s3.part_bytes", "5MiB"},
                                                        {"archive.s3.cache_folder", "/fast"},
                                                        {"archive.s3.cache_bytes", "0"}}),
                                            "/data", {});
  ASSERT_TRUE(options.has_value()) << options.error().message;
  const archive::s3::S3Options& s3 = options->s3;
  EXPECT_EQ(s3.endpoint + s3.region + s3.prefix + s3.ca_file, "https://e:1rp/ca");
  EXPECT_EQ(s3.addressing, archive::s3::Addressing::kVirtualHost);
  EXPECT_EQ(s3.credentials.access_key_id + s3.credentials.secret_access_key, "ids");
  EXPECT_EQ(s3.credentials.profile + s3.credentials.credentials_file, "x/c");
  EXPECT_EQ(s3.part_bytes, std::size_t{5} << 20U);
  EXPECT_EQ(options->cache_folder, "/fast");
  EXPECT_EQ(options->cache_bytes, 0U);
}

TEST(ObjectStoreOptionsTest, RefusesHalfOfAKeyAndOtherStyles) {
  EXPECT_FALSE(object_store_options(configured({{"archive.s3.access_key_id", "id"}}), "/d", {}));
  EXPECT_FALSE(object_store_options(configured({{"archive.s3.path_style", "yes"}}), "/d", {}));
}

TEST(ObjectStoreOptionsTest, OpensAFolderOrABucketAndNotBoth) {
  PosixFileSystem files;
  const FakeClock clock;
  archive::ObjectStoreOptions options;
  EXPECT_FALSE(open_object_store(options, files, clock));
  options.folder = "/nowhere";
  EXPECT_TRUE(open_object_store(options, files, clock));
  options.s3.bucket = "logs";
  EXPECT_FALSE(open_object_store(options, files, clock));
  options.folder = "";
  EXPECT_TRUE(open_object_store(options, files, clock));
  options.cache_bytes = 1'000;
  EXPECT_TRUE(open_object_store(options, files, clock));
  options.s3.endpoint = "nonsense";
  EXPECT_FALSE(open_object_store(options, files, clock));
}

TEST(ObjectStoreOptionsTest, TakesOnlyWhatCredentialsNeedOfTheEnvironment) {
  ::setenv("AWS_PROFILE", "p", 1);
  ::setenv("LIVEDATA_OTHER", "x", 1);
  const auto environment = credentials_environment();
  EXPECT_EQ(environment.at("AWS_PROFILE"), "p");
  EXPECT_FALSE(environment.contains("LIVEDATA_OTHER"));
  ::unsetenv("AWS_PROFILE");
  ::unsetenv("LIVEDATA_OTHER");
}

}  // namespace
}  // namespace livedata
