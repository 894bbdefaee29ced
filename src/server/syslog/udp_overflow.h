#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/file_system.h"

namespace livedata::server {

/// Where datagrams wait that memory has no room for.
struct UdpOverflow {
  FileSystem* files = nullptr;          ///< not null
  Path folder;                          ///< of this alone
  std::uint64_t disk_bytes = 1024_MiB;  ///< 0: nothing more goes there
  std::string position = {};            ///< the bookmark of this key, "" if there is none
};

/// Key of the bookmark that tells up to where the records of what was on disk are stored.
constexpr std::string_view kOverflowBookmark = "overflow:syslog";

}  // namespace livedata::server
