#include "config/config.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livedata {
namespace {

using testing::HasSubstr;

class ConfigTest : public testing::Test {
 protected:
  ~ConfigTest() override { std::filesystem::remove(path_); }
  Result<Config> load(const std::string& yaml,
                      const std::map<std::string, std::string>& environment = {},
                      const std::map<std::string, std::string>& flags = {}) {
    std::ofstream(path_) << yaml;
    return load_config(
        files_, path_,
        [&](const std::string& name) -> std::optional<std::string> {
          const auto found = environment.find(name);
          return found == environment.end() ? std::nullopt : std::optional(found->second);
        },
        flags);
  }

  PosixFileSystem files_;
  Path path_ = std::filesystem::path(testing::TempDir()) /
               (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) +
                "_config_test.yaml");
};

TEST_F(ConfigTest, FlagsWinOverEnvironmentOverFileOverDefaults) {
  EXPECT_EQ(load("")->listen, "127.0.0.1:3100");
  const std::string file = "server:\n  listen: 127.0.0.1:1\n";
  EXPECT_EQ(load(file)->listen, "127.0.0.1:1");
  EXPECT_EQ(load(file, {{"LIVEDATA_SERVER_LISTEN", "127.0.0.1:2"}})->listen, "127.0.0.1:2");
  EXPECT_EQ(
      load(file, {{"LIVEDATA_SERVER_LISTEN", "127.0.0.1:2"}}, {{"server.listen", "127.0.0.1:3"}})
          ->listen,
      "127.0.0.1:3");
}

TEST_F(ConfigTest, UnknownKeysAreErrorsWithAHint) {
  const auto config = load("server:\n  lisen: x\n");
  ASSERT_FALSE(config.has_value());
  EXPECT_THAT(
      config.error().message,
      HasSubstr(
          "config_test.yaml:2: there is no setting 'server.lisen'; did you mean 'server.listen'?"));
}

TEST_F(ConfigTest, TheSectionOfFilesIsKeptForWhoeverFollowsThem) {
  const std::string text = "files:\n  - paths: [/x]\n    nonsense: 1\n";
  const auto config = load(text);
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->file_text, text);
  EXPECT_EQ(config->file_name, path_);
  EXPECT_FALSE(load("server:\n  files: 1\n").has_value());
}

TEST_F(ConfigTest, ValuesThatDoNotParseAreErrorsThatNameTheirPlace) {
  EXPECT_THAT(load("collect:\n  enabled: maybe\n").error().message,
              HasSubstr("config_test.yaml:2: collect.enabled: 'maybe'"));
  EXPECT_THAT(load("", {{"LIVEDATA_WAL_SYNC", "never"}}).error().message,
              HasSubstr("LIVEDATA_WAL_SYNC: wal.sync: 'never'"));
  EXPECT_THAT(load("a: [").error().message, HasSubstr("config_test.yaml:1"));
  EXPECT_FALSE(load("limits:\n  max_line_bytes: 12 parsecs\n").has_value());
}

TEST_F(ConfigTest, SizesTakeUnits) {
  EXPECT_EQ(load("head:\n  max_bytes: 3MiB\n")->head_bytes, 3U << 20U);
  EXPECT_EQ(load("head:\n  max_bytes: 5000\n")->head_bytes, 5000U);
}

TEST_F(ConfigTest, TimesTakeUnits) {
  EXPECT_EQ(load("retention:\n  period: 90d\n")->retention_period, std::chrono::hours(24 * 90));
  EXPECT_EQ(load("retention:\n  period: 0\n")->retention_period, std::chrono::hours(0));
  for (const char* wrong : {"12", "d", "-1d", "1 h", "99999999d"})
    EXPECT_FALSE(load("retention:\n  period: \"" + std::string(wrong) + "\"\n")) << wrong;
}

TEST_F(ConfigTest, CountsAreNumbers) {
  EXPECT_EQ(load("syslog:\n  max_connections: 12\n")->syslog_max_connections, 12U);
  for (const char* wrong : {"-1", "many", "12x", "100000001"})
    EXPECT_FALSE(load("syslog:\n  max_connections: " + std::string(wrong) + "\n")) << wrong;
}

TEST_F(ConfigTest, RulesAreAList) {
  const auto config =
      load("retention:\n  rules:\n    - '{a=\"1\"} age=1h'\n    - '{b=\"2\"} hold'\n");
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->retention_rules,
            (std::vector<std::string>{R"({a="1"} age=1h)", R"({b="2"} hold)"}));
}

TEST_F(ConfigTest, PipelinesAreLeftToWhoCompilesThem) {
  const std::string yaml =
      "server:\n  listen: 127.0.0.1:1\npipelines:\n  - {name: a, stages: [json]}\n";
  const auto config = load(yaml);
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->listen, "127.0.0.1:1");
  EXPECT_EQ(config->file_text, yaml);
  EXPECT_THAT(config->file_name, HasSubstr("config_test.yaml"));
  EXPECT_FALSE(load("server:\n  pipelines: []\n").has_value());
}

// Each setting must change something: a value other than its default gives another configuration.
TEST_F(ConfigTest, EverySettingIsRead) {
  const std::map<std::string, std::string> other = {
      {"auth.enabled", "true"},
      {"limits.ingest_records_per_second", "1000"},
      {"limits.ingest_burst_records", "5000"},
      {"limits.ingest_bytes_per_second", "1MiB"},
      {"limits.ingest_burst_bytes", "8MiB"},
      {"limits.all_ingest_bytes_per_second", "64MiB"},
      {"auth.multi_tenant", "true"},
      {"auth.jwks_file", "/etc/keys.json"},
      {"auth.jwt_issuer", "https://id.example"},
      {"auth.jwt_audience", "livedata"},
      {"auth.jwt_tenant_claim", "org"},
      {"auth.jwt_roles_claim", "groups"},
      {"server.listen", "127.0.0.1:9"},
      {"server.allow_unauthenticated", "true"},
      {"server.max_body_bytes", "1MiB"},
      {"otlp.grpc_listen", "127.0.0.1:9"},
      {"data.folder", "/tmp/x"},
      {"collect.enabled", "false"},
      {"collect.cpu_budget", "0.5"},
      {"collect.intervals", "process=10s"},
      {"collect.journal_units", "ssh*"},
      {"collect.journal_exclude_units", "ssh*"},
      {"collect.journal_priority", "err"},
      {"collect.journal_backlog", "1h"},
      {"collect.files_backfill_bytes_per_second", "1"},
      {"collect.files_poll_interval", "1s"},
      {"remotes.interval", "7s"},
      {"remotes.backlog", "7h"},
      {"remotes.skew_threshold", "7s"},
      {"remotes.ssh_command", "/bin/false"},
      {"wal.sync", "off"},
      {"head.max_bytes", "1MiB"},
      {"head.max_bytes_of_all", "1MiB"},
      {"storage.metadata_cache_bytes", "1MiB"},
      {"storage.block_cache_bytes", "1MiB"},
      {"storage.filter_false_positive_rate", "0.1"},
      {"storage.scrub_interval", "1d"},
      {"compaction.enabled", "false"},
      {"compaction.bytes_per_second", "1MiB"},
      {"compaction.hot_codec", "lz4"},
      {"compaction.warm_codec", "zstd-3"},
      {"compaction.cold_codec", "zstd-22"},
      {"compaction.warm_age", "1h"},
      {"compaction.cold_age", "2d"},
      {"archive.s3.endpoint", "http://h"},
      {"archive.s3.region", "eu-west-1"},
      {"archive.s3.bucket", "b"},
      {"archive.s3.prefix", "p"},
      {"archive.s3.path_style", "true"},
      {"archive.s3.ca_file", "/ca"},
      {"archive.s3.access_key_id", "id"},
      {"archive.s3.secret_access_key", "s"},
      {"archive.s3.profile", "x"},
      {"archive.s3.credentials_file", "/c"},
      {"archive.s3.part_bytes", "8MiB"},
      {"archive.s3.cache_folder", "/f"},
      {"archive.s3.cache_bytes", "1MiB"},
      {"deletion.cancel_period", "0"},
      {"sql.memory_bytes", "64MiB"},
      {"sql.threads", "3"},
      {"sql.timeout", "5s"},
      {"sql.max_rows", "10"},
      {"sql.max_running", "2"},
      {"archive.enabled", "true"},
      {"archive.folder", "/tmp/x"},
      {"archive.after", "3d"},
      {"archive.quiet", "9m"},
      {"archive.keep_native", "9d"},
      {"archive.file_bytes", "1GiB"},
      {"retention.period", "7d"},
      {"retention.max_bytes", "1GiB"},
      {"retention.grace_period", "90s"},
      {"retention.rules", "{a=\"b\"} age=1h"},
      {"retention.disk_high", "0.8"},
      {"retention.disk_low", "0.7"},
      {"limits.max_line_bytes", "1KiB"},
      {"syslog.listen", "127.0.0.1:9"},
      {"syslog.tls_listen", "127.0.0.1:9"},
      {"syslog.tls_certificate", "cert.pem"},
      {"syslog.tls_key", "key.pem"},
      {"syslog.tls_client_ca", "ca.pem"},
      {"syslog.max_connections", "7"},
      {"syslog.max_connections_per_address", "7"},
      {"syslog.idle_timeout", "7m"},
      {"forward.listen", "127.0.0.1:9"},
      {"forward.tls_listen", "127.0.0.1:9"},
      {"forward.tls_certificate", "cert.pem"},
      {"forward.tls_key", "key.pem"},
      {"forward.tls_client_ca", "ca.pem"},
      {"forward.shared_key", "secret"},
      {"forward.max_connections", "7"},
      {"forward.max_connections_per_address", "7"},
      {"head.max_wait", "7s"},
      {"limits.line_too_long", "truncate"},
      {"limits.max_label_names", "7"},
      {"limits.max_label_name_bytes", "7"},
      {"limits.max_label_value_bytes", "7"},
      {"limits.max_label_values", "7"},
      {"limits.max_fields", "7"},
      {"limits.max_fields_bytes", "7"},
      {"limits.max_future", "7s"},
      {"limits.max_age", "7d"},
      {"limits.max_records", "7"},
      {"limits.max_expanded_body_bytes", "7MiB"},
      {"limits.max_expansion_ratio", "7"},
      {"syslog.udp_memory_bytes", "7MiB"},
      {"syslog.udp_disk_bytes", "7MiB"},
      {"log.level", "error"}};
  const Config defaults = *load("");
  for (const Setting& setting : settings()) {
    ASSERT_TRUE(other.contains(std::string(setting.key))) << setting.key;
    const std::string key(setting.key);
    EXPECT_FALSE(*load("", {}, {{key, other.at(key)}}) == defaults) << key;
  }
}

}  // namespace
}  // namespace livedata
