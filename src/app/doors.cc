#include "app/doors.h"

#include <algorithm>

#include "app/forward_options.h"
#include "app/listen_address.h"
#include "app/syslog_options.h"
#include "server/api/otlp/grpc_methods.h"

namespace livedata {
namespace {

Result<server::grpc::GrpcOptions> grpc_options(const Config& config, const Limits& limits) {
  LIVEDATA_TRY(
      ListenAddress address,
      listen_address(config.otlp_grpc_listen, config.allow_unauthenticated || config.auth_enabled,
                     "nobody is asked who they are: set auth.enabled, "));
  server::grpc::GrpcOptions options;
  options.host = std::move(address.host);
  options.port = address.port;
  options.limits.max_message_bytes = limits.max_body_bytes;
  options.limits.max_expanded_bytes = limits.max_expanded_body_bytes;
  options.limits.max_expansion_ratio = limits.max_expansion_ratio;
  options.limits.max_buffered_bytes = 4 * limits.max_body_bytes;
  return options;
}

bool is_default(std::string_view key, std::string_view value) {
  const auto& all = settings();
  return std::any_of(all.begin(), all.end(), [&](const Setting& setting) {
    return setting.key == key && setting.default_value == value;
  });
}

/// Keeps what was started. A usual port that somebody else has is no reason to keep the rest from
/// starting when nobody asked for this door.
template <class Server>
Result<void> keep(Result<std::unique_ptr<Server>> started, std::string_view door,
                  bool was_asked_for, std::string_view setting, Logger& logger,
                  std::unique_ptr<Server>& server) {
  if (started) {
    server = *std::move(started);
    return {};
  }
  if (started.error().code != ErrorCode::kAlreadyExists)
    return fail(std::move(started).error().with_context(std::string(door)));
  const std::string problem =
      fmt::format("{}; set {} to another address, or to nothing", started.error().message, setting);
  if (was_asked_for) return fail(ErrorCode::kAlreadyExists, "{}: {}", door, problem);
  logger.warn("there is no {}: {}", door, problem);
  return {};
}

/// "HOST:PORT (PLAIN), HOST:PORT (TLS)" of those that a server listens on.
template <class Server, class Options>
std::string addresses_of(const Server& server, const Options& options, std::string_view plain) {
  std::string text;
  if (options.address)
    text = fmt::format("{} ({})", authority(options.address->host, server.port()), plain);
  if (options.tls_address) {
    text += fmt::format("{}{} (TLS)", text.empty() ? "" : ", ",
                        authority(options.tls_address->host, server.tls_port()));
  }
  return text;
}

}  // namespace

Result<DoorOptions> door_options(const Config& config, const Limits& limits) {
  DoorOptions options;
  if (!config.otlp_grpc_listen.empty()) {
    LIVEDATA_TRY(options.grpc, grpc_options(config, limits));
  }
  LIVEDATA_TRY(options.syslog, syslog_options(config));
  LIVEDATA_TRY(options.forward, forward_options(config));
  options.grpc_was_asked_for = !is_default("otlp.grpc_listen", config.otlp_grpc_listen);
  options.syslog_was_asked_for =
      !is_default("syslog.listen", config.syslog_listen) || options.syslog.tls_address;
  options.forward_was_asked_for =
      !is_default("forward.listen", config.forward_listen) || options.forward.tls_address;
  return options;
}

Result<std::unique_ptr<Doors>> Doors::open(const DoorOptions& options,
                                           const server::ApiContext& context, const Clock& clock,
                                           Logger& logger, MetricRegistry& metrics) {
  auto doors = std::unique_ptr<Doors>(new Doors());  // NOLINT: the constructor is private
  const auto sink = server::sink_of(context.writer);
  if (options.grpc) {
    LIVEDATA_RETURN_IF_ERROR(keep(
        server::grpc::GrpcServer::start(*options.grpc, server::otlp::grpc_methods(context), metrics,
                                        logger),
        "OTLP over gRPC", options.grpc_was_asked_for, "otlp.grpc_listen", logger, doors->grpc_));
    if (doors->grpc_ != nullptr)
      doors->grpc_address_ = authority(options.grpc->host, doors->grpc_->port());
  }
  if (options.syslog.address || options.syslog.tls_address) {
    LIVEDATA_RETURN_IF_ERROR(keep(
        server::SyslogServer::start(options.syslog, context.limits, sink, clock, logger, metrics),
        "syslog", options.syslog_was_asked_for, "syslog.listen", logger, doors->syslog_));
    if (doors->syslog_ != nullptr)
      doors->syslog_addresses_ = addresses_of(*doors->syslog_, options.syslog, "UDP and TCP");
  }
  if (options.forward.address || options.forward.tls_address) {
    LIVEDATA_RETURN_IF_ERROR(keep(
        server::ForwardServer::start(options.forward, context.limits, sink, clock, logger, metrics),
        "forward protocol", options.forward_was_asked_for, "forward.listen", logger,
        doors->forward_));
    if (doors->forward_ != nullptr)
      doors->forward_addresses_ = addresses_of(*doors->forward_, options.forward, "TCP");
  }
  return doors;
}

}  // namespace livedata
