#include "tenant/network.h"

#include <gtest/gtest.h>

namespace livedata::tenant {
namespace {

TEST(NetworkTest, HoldsTheAddressesOfItsPrefix) {
  struct Row {
    const char* network;
    const char* address;
    bool held;
  };
  for (const Row& row : {
           Row{"10.1.0.0/16", "10.1.255.3", true},
           Row{"10.1.0.0/16", "10.2.0.1", false},
           Row{"10.1.0.0/17", "10.1.128.0", false},
           Row{"10.1.2.3", "10.1.2.3", true},
           Row{"10.1.2.3", "10.1.2.4", false},
           Row{"0.0.0.0/0", "203.0.113.9", true},
           Row{"0.0.0.0/0", "2001:db8::1", false},
           Row{"::/0", "203.0.113.9", true},
           Row{"10.1.0.0/16", "::ffff:10.1.9.9", true},
           Row{"fd00::/8", "fdff::1", true},
           Row{"fd00::/8", "fc00::1", false},
           Row{"fe80::/10", "fe80::1%eth0", true},
           Row{"10.1.0.0/16", "somewhere", false},
           Row{"10.1.0.0/16", "", false},
       }) {
    const auto network = Network::parse(row.network);
    ASSERT_TRUE(network) << row.network;
    EXPECT_EQ(network->holds(row.address), row.held) << row.network << " " << row.address;
  }
}

TEST(NetworkTest, WhatIsNoneIsRefused) {
  for (const char* text : {"", "10.1.0.0/33", "10.1.0.0/", "10.1.0.0/x", "10.1/16", "::/129",
                           "example.com", "10.1.0.0/-1"}) {
    EXPECT_FALSE(Network::parse(text)) << text;
  }
}

}  // namespace
}  // namespace livedata::tenant
