#include "app/syslog_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livedata {
namespace {

using testing::HasSubstr;

class SyslogOptionsTest : public testing::Test {
 protected:
  static Config config(const std::map<std::string, std::string>& overrides) {
    PosixFileSystem files;
    const auto nothing = [](const std::string&) { return std::nullopt; };
    return *load_config(files, std::nullopt, nothing, overrides);
  }
  static std::string error_of(const std::map<std::string, std::string>& overrides) {
    const auto options = syslog_options(config(overrides));
    return options ? "" : options.error().message;
  }
};

TEST_F(SyslogOptionsTest, ListensOnTheLoopbackUnlessTold) {
  const auto options = syslog_options(config({}));
  ASSERT_TRUE(options.has_value());
  ASSERT_TRUE(options->address.has_value());
  EXPECT_EQ(options->address->host, "127.0.0.1");
  EXPECT_EQ(options->address->port, 1514);
  EXPECT_FALSE(options->tls_address.has_value());
  EXPECT_FALSE(syslog_options(config({{"syslog.listen", ""}}))->address.has_value());
  EXPECT_EQ(syslog_options(config({{"syslog.listen", "[::1]:9"}}))->address->host, "::1");
}

TEST_F(SyslogOptionsTest, OtherMachinesMustBeTrustedOrHaveCertificates) {
  EXPECT_THAT(error_of({{"syslog.listen", "0.0.0.0:1514"}}), HasSubstr("--allow-unauthenticated"));
  EXPECT_EQ(error_of({{"syslog.listen", "0.0.0.0:1514"}, {"server.allow_unauthenticated", "true"}}),
            "");
  std::map<std::string, std::string> tls = {{"syslog.tls_listen", "0.0.0.0:6514"},
                                            {"syslog.tls_certificate", "cert.pem"},
                                            {"syslog.tls_key", "key.pem"}};
  EXPECT_THAT(error_of(tls), HasSubstr("syslog.tls_client_ca"));
  tls["syslog.tls_client_ca"] = "ca.pem";
  EXPECT_EQ(error_of(tls), "");
  tls["syslog.listen"] = "0.0.0.0:1514";
  EXPECT_THAT(error_of(tls), HasSubstr("0.0.0.0:1514"));
}

TEST_F(SyslogOptionsTest, TlsNeedsItsFiles) {
  EXPECT_THAT(error_of({{"syslog.tls_listen", "127.0.0.1:6514"}}),
              HasSubstr("syslog.tls_certificate"));
  EXPECT_THAT(error_of({{"syslog.tls_listen", "6514"}}), HasSubstr("not an address"));
}

}  // namespace
}  // namespace livedata
