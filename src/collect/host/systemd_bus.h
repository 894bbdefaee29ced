#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "collect/host/host_source.h"

namespace livedata::collect::host {

/// Asks systemd's manager about its units over the system bus. libsystemd is found at run time, so
/// that livedata runs without it. Keeps its connection. Not thread-safe.
class SystemdBus {
 public:
  SystemdBus();
  /// For tests: the bus at this address, such as unix:path=/tmp/bus, instead of the system's.
  explicit SystemdBus(std::string address);
  ~SystemdBus();
  SystemdBus(const SystemdBus&) = delete;
  SystemdBus& operator=(const SystemdBus&) = delete;

  /// Nothing where there is no libsystemd, no bus, or no answer within a second.
  std::optional<std::vector<UnitState>> units(bool with_restarts);

 private:
  class Library;
  class Connection;
  bool connect();

  std::string address_;
  std::unique_ptr<Library> library_;
  std::unique_ptr<Connection> connection_;
  int rounds_until_retry_ = 0;
};

}  // namespace livedata::collect::host
