#include "app/forward_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livedata {
namespace {

using testing::HasSubstr;

class ForwardOptionsTest : public testing::Test {
 protected:
  static Config config(const std::map<std::string, std::string>& overrides) {
    PosixFileSystem files;
    const auto nothing = [](const std::string&) { return std::nullopt; };
    return *load_config(files, std::nullopt, nothing, overrides);
  }
  static std::string error_of(const std::map<std::string, std::string>& overrides) {
    const auto options = forward_options(config(overrides));
    return options ? "" : options.error().message;
  }
};

TEST_F(ForwardOptionsTest, ListensOnTheLoopbackUnlessTold) {
  const auto options = forward_options(config({}));
  ASSERT_TRUE(options.has_value());
  ASSERT_TRUE(options->address.has_value());
  EXPECT_EQ(options->address->host, "127.0.0.1");
  EXPECT_EQ(options->address->port, 24224);
  EXPECT_FALSE(options->tls_address.has_value());
  EXPECT_FALSE(forward_options(config({{"forward.listen", ""}}))->address.has_value());
}

TEST_F(ForwardOptionsTest, OtherMachinesMustBeTrustedOrSayWhoTheyAre) {
  EXPECT_THAT(error_of({{"forward.listen", "0.0.0.0:24224"}}), HasSubstr("forward.shared_key"));
  EXPECT_EQ(
      error_of({{"forward.listen", "0.0.0.0:24224"}, {"server.allow_unauthenticated", "true"}}),
      "");
  EXPECT_EQ(error_of({{"forward.listen", "0.0.0.0:24224"}, {"forward.shared_key", "k"}}), "");
  std::map<std::string, std::string> tls = {{"forward.tls_listen", "0.0.0.0:24225"},
                                            {"forward.tls_certificate", "cert.pem"},
                                            {"forward.tls_key", "key.pem"}};
  EXPECT_THAT(error_of(tls), HasSubstr("forward.tls_client_ca"));
  tls["forward.tls_client_ca"] = "ca.pem";
  EXPECT_EQ(error_of(tls), "");
  tls["forward.listen"] = "0.0.0.0:24224";
  EXPECT_THAT(error_of(tls), HasSubstr("0.0.0.0:24224"));
}

TEST_F(ForwardOptionsTest, TlsNeedsItsFiles) {
  EXPECT_THAT(error_of({{"forward.tls_listen", "127.0.0.1:24225"}}),
              HasSubstr("forward.tls_certificate"));
  EXPECT_THAT(error_of({{"forward.tls_listen", "24225"}}), HasSubstr("not an address"));
}

}  // namespace
}  // namespace livedata
