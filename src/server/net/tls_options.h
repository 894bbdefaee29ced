#pragma once

#include <string>

namespace livedata::server {

/// Files in PEM format.
struct TlsOptions {
  std::string certificate;  ///< with the chain of its issuers
  std::string key;
  std::string client_ca;  ///< not empty: clients must show a certificate that one of these signed
};

}  // namespace livedata::server
