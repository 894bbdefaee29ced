#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/logger.h"
#include "base/metric.h"
#include "base/result.h"
#include "config/config.h"
#include "model/limits.h"
#include "server/api/api_context.h"
#include "server/forward/forward_server.h"
#include "server/grpc/server.h"
#include "server/syslog/syslog_server.h"

namespace livedata {

/// What the doors beside HTTP are to be; each may be off.
struct DoorOptions {
  std::optional<server::grpc::GrpcOptions> grpc;
  server::SyslogOptions syslog;
  server::ForwardOptions forward;
  // Whether somebody asked for them. Of those that are there anyway, one whose usual port is taken
  // is left out.
  bool grpc_was_asked_for = false;
  bool syslog_was_asked_for = false;
  bool forward_was_asked_for = false;
};

/// kInvalidArgument names the setting that is wrong.
Result<DoorOptions> door_options(const Config& config, const Limits& limits);

/// OTLP over gRPC, syslog and the forward protocol, from the opening to the end of the object.
class Doors {
 public:
  /// Tells the log which doors can't be opened, where nobody asked for them. References must
  /// outlive the object.
  static Result<std::unique_ptr<Doors>> open(const DoorOptions& options,
                                             const server::ApiContext& context, const Clock& clock,
                                             Logger& logger, MetricRegistry& metrics);

  /// Where each listens, for people; "" where it does not.
  [[nodiscard]] const std::string& grpc_address() const { return grpc_address_; }
  [[nodiscard]] const std::string& syslog_addresses() const { return syslog_addresses_; }
  [[nodiscard]] const std::string& forward_addresses() const { return forward_addresses_; }

 private:
  Doors() = default;

  std::string grpc_address_;
  std::string syslog_addresses_;
  std::string forward_addresses_;
  std::unique_ptr<server::grpc::GrpcServer> grpc_;
  std::unique_ptr<server::SyslogServer> syslog_;
  std::unique_ptr<server::ForwardServer> forward_;
};

}  // namespace livedata
