#include "app/application.h"

#include <malloc.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "app/buffer_watch.h"
#include "app/files_options.h"
#include "app/forward_options.h"
#include "app/limit_options.h"
#include "app/page.h"
#include "app/store_options.h"
#include "app/syslog_options.h"
#include "base/background.h"
#include "base/buffer_gauges.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "base/logger.h"
#include "base/metric.h"
#include "base/thread_pool.h"
#include "collect/collectors.h"
#include "ingest/label_guard.h"
#include "ingest/pipeline/compile.h"
#include "ingest/writer.h"
#include "model/limits.h"
#include "query/logql/engine.h"
#include "server/api/datadog/routes.h"
#include "server/api/elastic/routes.h"
#include "server/api/hec/routes.h"
#include "server/api/journal/routes.h"
#include "server/api/live_tail.h"
#include "server/api/loki/routes.h"
#include "server/api/native/routes.h"
#include "server/api/otlp/grpc_methods.h"
#include "server/api/otlp/routes.h"
#include "server/forward/forward_server.h"
#include "server/grpc/server.h"
#include "server/http/router.h"
#include "server/http/server.h"
#include "server/net/listen_address.h"
#include "server/syslog/syslog_server.h"
#include "storage/store.h"

#ifndef LIVEDATA_VERSION
#error "the build must define LIVEDATA_VERSION"
#endif

namespace livedata {
namespace {

constexpr std::size_t kMaxQueuedTasks = 1024;
constexpr std::string_view kDefaultSyslogAddress = "127.0.0.1:1514";
constexpr auto kWatchInterval = std::chrono::seconds(1);
constexpr std::size_t kBufferedBodies = 16;  // of the largest size, at the same time
constexpr double kHeadsOfATenant = 4;        // the one that is written to, and those being flushed
constexpr auto kTrimInterval = std::chrono::seconds(30);  // after which freed memory is given back

Result<std::pair<std::string, std::uint16_t>> listen_address(const Config& config,
                                                             const std::string& text) {
  LIVEDATA_TRY(auto address, server::parse_listen_address(text));
  if (!server::is_loopback(address.first) && !config.allow_unauthenticated) {
    return fail(ErrorCode::kInvalidArgument,
                "{} can be reached by other machines, and livedata has no authentication yet; "
                "listen on 127.0.0.1, or add "
                "--allow-unauthenticated if the network is trusted",
                text);
  }
  return address;
}

Result<server::HttpOptions> http_options(const Config& config, const Limits& limits) {
  LIVEDATA_TRY(const auto address, listen_address(config, config.listen));
  server::HttpOptions options;
  options.host = address.first;
  options.port = address.second;
  options.max_body_bytes = limits.max_body_bytes;
  options.max_buffered_bytes = kBufferedBodies * limits.max_body_bytes;
  return options;
}

Result<server::grpc::GrpcOptions> grpc_options(const Config& config, const Limits& limits) {
  LIVEDATA_TRY(const auto address, listen_address(config, config.otlp_grpc_listen));
  server::grpc::GrpcOptions options;
  options.host = address.first;
  options.port = address.second;
  options.limits.max_message_bytes = limits.max_body_bytes;
  options.limits.max_expanded_bytes = limits.max_expanded_body_bytes;
  options.limits.max_expansion_ratio = limits.max_expansion_ratio;
  options.limits.max_buffered_bytes = 4 * limits.max_body_bytes;
  return options;
}

Result<collect::host::Intervals> collect_intervals(const Config& config) {
  auto intervals = collect::host::parse_intervals(config.collect_intervals);
  if (!intervals) return fail(std::move(intervals).error().with_context("collect.intervals"));
  return intervals;
}

/// HOST:PORT as a URL has it.
std::string authority(const std::string& host, std::uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

/// glibc gives each thread an arena of its own, which costs more than it brings here. It maps
/// buffers of over 128 KiB one by one and gives memory back at once, so that every request and
/// every block would be made of fresh pages; kTrimInterval later is soon enough.
void set_up_heap() {
  // NOLINTBEGIN(concurrency-mt-unsafe): before there are threads
  ::mallopt(M_ARENA_MAX, 2);
  ::mallopt(M_TRIM_THRESHOLD, static_cast<int>(32_MiB));
  ::mallopt(M_MMAP_THRESHOLD, static_cast<int>(8_MiB));
  // NOLINTEND(concurrency-mt-unsafe)
}

void add_store_gauges(const storage::Store& store, MetricRegistry& metrics) {
  const auto add = [&](std::string_view name, std::string_view help, auto member) {
    metrics.gauge(name, help, "",
                  [&store, member] { return static_cast<double>(store.status().*member); });
  };
  add("livedata_segments", "Segments on disk", &storage::StoreStatus::segments);
  add("livedata_segment_bytes", "Bytes of segments on disk", &storage::StoreStatus::segment_bytes);
  add("livedata_segment_records", "Records in segments", &storage::StoreStatus::segment_rows);
  add("livedata_head_bytes", "Bytes of records in memory, not yet in segments",
      &storage::StoreStatus::head_bytes);
  add("livedata_wal_bytes", "Bytes of the write-ahead logs that are not in segments yet",
      &storage::StoreStatus::wal_bytes);
  add("livedata_streams", "Streams that are held in memory", &storage::StoreStatus::streams);
  add("livedata_delete_requests", "Delete requests that are not processed yet",
      &storage::StoreStatus::delete_requests);
  add("livedata_head_records", "Records in memory, not yet in segments",
      &storage::StoreStatus::head_rows);
}

}  // namespace

std::string_view version() { return LIVEDATA_VERSION; }

std::string default_data_folder() {
  if (::geteuid() == 0) return "/var/lib/livedata";
  // Read once at start, before there are threads.
  const char* data_home = std::getenv("XDG_DATA_HOME");  // NOLINT(concurrency-mt-unsafe)
  if (data_home != nullptr && *data_home != '\0') return std::string(data_home) + "/livedata";
  const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe)
  return std::string(home == nullptr ? "." : home) + "/.local/share/livedata";
}

/// Everything that runs, in the order in which it is built; destroyed in reverse.
class Application::Parts {
 public:
  explicit Parts(const Config& config)
      : limits(limits_of(config)),
        logger(clock, config.log_level),
        label_guard(limits.max_label_values, logger) {}

  Result<void> start(const Config& config) {
    LIVEDATA_TRY(const server::HttpOptions http, http_options(config, limits));
    LIVEDATA_TRY(server::SyslogOptions syslog_doors, syslog_options(config));
    LIVEDATA_TRY(server::ForwardOptions forward_doors, forward_options(config));
    LIVEDATA_TRY(options, store_options(config));
    LIVEDATA_TRY(host_intervals, collect_intervals(config));
    LIVEDATA_TRY(pipelines, ingest::pipeline::compile(config.file_text, config.file_name));
    pipelines.report_to(metrics, logger);
    LIVEDATA_TRY(std::vector<collect::FileSet> followed, files_to_follow(config));
    LIVEDATA_TRY(store, storage::Store::open(options, storage::OpenMode::kReadWrite, files, clock,
                                             logger, metrics));
    writer = std::make_unique<ingest::Writer>(*store, metrics);
    head_gauges.emplace(metrics, "head", kHeadsOfATenant * static_cast<double>(options.head_bytes),
                        [this] { return static_cast<double>(store->status().head_bytes); });
    query_threads = std::make_unique<ThreadPool>(
        "ld-query", std::max(1U, std::thread::hardware_concurrency()) - 1, kMaxQueuedTasks,
        Priority::kIdle);
    engine = std::make_unique<query::logql::Engine>(*store, *query_threads, limits, clock);
    tail = std::make_unique<server::LiveTail>(*store, TenantId::single());
    add_routes();
    LIVEDATA_TRY(http_server, server::HttpServer::start(http, router, logger));
    http_gauges.emplace(metrics, "http", static_cast<double>(http.max_buffered_bytes),
                        [this] { return static_cast<double>(http_server->buffered_bytes()); });
    host = http.host;
    LIVEDATA_RETURN_IF_ERROR(start_grpc(config));
    syslog_doors.pipelines = pipelines.empty() ? nullptr : &pipelines;
    syslog_doors.label_guard = &label_guard;
    syslog_doors.udp_overflow.emplace(syslog_overflow(config));
    LIVEDATA_RETURN_IF_ERROR(start_syslog(syslog_doors, config));
    forward_doors.pipelines = syslog_doors.pipelines;
    forward_doors.label_guard = &label_guard;
    LIVEDATA_RETURN_IF_ERROR(start_forward(forward_doors, config));
    if (config.collect || !followed.empty()) {
      LIVEDATA_RETURN_IF_ERROR(start_collectors(config, std::move(followed)));
    }
    watch_thread =
        std::make_unique<Background>("ld-watch", kWatchInterval, [this] { buffer_watch.look(); });
    ready = true;
    return {};
  }

  Result<void> stop() {
    ready = false;
    watch_thread.reset();
    collectors.reset();
    grpc_server.reset();
    syslog.reset();
    forward.reset();
    http_gauges.reset();
    http_server.reset();
    tail.reset();
    return store == nullptr ? Result<void>() : store->close();
  }

  Background heap_trimmer{"ld-trim", kTrimInterval, [] { ::malloc_trim(0); }};
  PosixFileSystem files;
  SystemClock clock;
  storage::StoreOptions options;
  Limits limits;
  Logger logger;
  MetricRegistry metrics;
  ingest::LabelGuard label_guard;
  BufferWatch buffer_watch{metrics, clock, logger};
  std::string host;
  std::string syslog_addresses;
  std::string forward_addresses;
  std::atomic<bool> ready{false};
  ingest::pipeline::Pipelines pipelines;
  std::unique_ptr<storage::Store> store;
  std::optional<BufferGauges> head_gauges;
  std::unique_ptr<ingest::Writer> writer;
  std::unique_ptr<ThreadPool> query_threads;
  std::unique_ptr<query::logql::Engine> engine;
  std::unique_ptr<server::LiveTail> tail;
  collect::host::HostPage host_page;
  server::Router router{metrics};
  std::unique_ptr<server::HttpServer> http_server;
  std::optional<BufferGauges> http_gauges;
  std::string grpc_host;
  std::unique_ptr<server::grpc::GrpcServer> grpc_server;  ///< nothing: off
  std::unique_ptr<server::SyslogServer> syslog;
  std::unique_ptr<server::ForwardServer> forward;
  collect::host::Intervals host_intervals;
  std::unique_ptr<collect::Collectors> collectors;
  std::unique_ptr<Background> watch_thread;

 private:
  server::UdpOverflow syslog_overflow(const Config& config) {
    const Bookmarks bookmarks = store->bookmarks(TenantId::single());
    const auto position = bookmarks.find(std::string(server::kOverflowBookmark));
    return {.files = files,
            .folder = options.data_folder / "overflow" / "syslog",
            .disk_bytes = config.syslog_udp_disk_bytes,
            .position = position == bookmarks.end() ? std::string() : position->second};
  }

  [[nodiscard]] server::ApiContext api_context() {
    return {.store = *store,
            .writer = *writer,
            .engine = *engine,
            .live_tail = *tail,
            .limits = limits,
            .clock = clock,
            .pipelines = pipelines.empty() ? nullptr : &pipelines,
            .label_guard = &label_guard,
            .version = std::string(livedata::version())};
  }

  void add_routes() {
    const server::ApiContext context = api_context();
    server::loki::add_routes(context, router);
    server::journal::add_routes(context, router);
    server::otlp::add_routes(context, router);
    server::native::add_routes(context, metrics, ready, router);
    server::native::add_host_metrics([this] { return host_page.render(); }, router);
    server::hec::add_routes(context, router);
    server::datadog::add_routes(context, router);
    server::elastic::add_routes(context, router);
    server::native::add_process_metrics(metrics);
    add_store_gauges(*store, metrics);
    router.set_fallback(serve_page);
  }

  Result<void> start_grpc(const Config& config) {
    if (config.otlp_grpc_listen.empty()) return {};
    LIVEDATA_TRY(const server::grpc::GrpcOptions grpc, grpc_options(config, limits));
    auto started = server::grpc::GrpcServer::start(grpc, server::otlp::grpc_methods(api_context()),
                                                   metrics, logger);
    if (started) {
      grpc_server = *std::move(started);
      grpc_host = grpc.host;
      return {};
    }
    const std::string problem = fmt::format(
        "OTLP over gRPC: {}; set otlp.grpc_listen to another "
        "address, or to nothing",
        started.error().message);
    // A collector of OpenTelemetry may have the usual port; that is no reason to keep the rest from
    // starting when nobody has asked for this.
    if (started.error().code == ErrorCode::kAlreadyExists &&
        config.otlp_grpc_listen == Config().otlp_grpc_listen) {
      logger.warn("{}", problem);
      return {};
    }
    return fail(started.error().code, "{}", problem);
  }

  Result<void> start_syslog(const server::SyslogOptions& doors, const Config& config) {
    if (!doors.address && !doors.tls_address) return {};
    auto started = server::SyslogServer::start(
        doors, limits, server::sink_of(*writer, TenantId::single()), clock, logger, metrics);
    if (started) {
      syslog = *std::move(started);
      if (doors.address)
        syslog_addresses =
            fmt::format("{} (UDP and TCP)", authority(doors.address->host, syslog->port()));
      if (doors.tls_address) {
        syslog_addresses += fmt::format("{}{} (TLS)", syslog_addresses.empty() ? "" : ", ",
                                        authority(doors.tls_address->host, syslog->tls_port()));
      }
      return {};
    }
    // Whoever did not ask for syslog need not do without everything else.
    const bool asked = config.syslog_listen != kDefaultSyslogAddress || doors.tls_address;
    if (started.error().code != ErrorCode::kAlreadyExists || asked)
      return fail(std::move(started).error().with_context("syslog"));
    logger.warn("there is no syslog: {}; choose another port with --syslog HOST:PORT",
                started.error().message);
    return {};
  }

  Result<void> start_forward(const server::ForwardOptions& doors, const Config& config) {
    if (!doors.address && !doors.tls_address) return {};
    auto started = server::ForwardServer::start(
        doors, limits, server::sink_of(*writer, TenantId::single()), clock, logger, metrics);
    if (started) {
      forward = *std::move(started);
      forward_addresses = addresses_of(*forward, doors);
      return {};
    }
    // Fluentd or Fluent Bit may have the usual port.
    const bool asked = config.forward_listen != Config().forward_listen || doors.tls_address;
    if (started.error().code != ErrorCode::kAlreadyExists || asked)
      return fail(std::move(started).error().with_context("forward"));
    logger.warn(
        "there is no forward protocol: {}; set forward.listen to another address, or to nothing",
        started.error().message);
    return {};
  }

  Result<void> start_collectors(const Config& config, std::vector<collect::FileSet> followed) {
    collect::CollectOptions collect_options;
    collect_options.watch_machine = config.collect;
    LIVEDATA_TRY(collect_options.journal_filter,
                 collect::JournalFilter::parse(config.journal_units, config.journal_excluded_units,
                                               config.journal_priority));
    collect_options.journal_backlog = config.journal_backlog;
    collect_options.metrics.cpu_budget = config.collect_cpu_budget;
    collect_options.metrics.intervals = host_intervals;
    collect_options.page = &host_page;
    collect_options.pipelines = pipelines.empty() ? nullptr : &pipelines;
    collect_options.files = std::move(followed);
    collect_options.backfill_bytes_per_second = config.files_backfill_bytes_per_second;
    collect_options.poll_interval = config.files_poll_interval;
    collect_options.saved = store->bookmarks(TenantId::single());
    collectors = std::make_unique<collect::Collectors>(
        std::move(collect_options),
        [this](ingest::Decoded decoded, const Bookmarks& bookmarks) -> Result<void> {
          LIVEDATA_RETURN_IF_ERROR(writer->write(TenantId::single(), std::move(decoded.batch),
                                                 decoded.source, bookmarks));
          writer->count(decoded);
          return {};
        },
        limits, clock, logger, metrics);
    return {};
  }
};

Application::Application(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Application::~Application() {
  if (auto stopped = stop(); !stopped)
    parts_->logger.error("stopping: {}", stopped.error().message);
}

Result<std::unique_ptr<Application>> Application::start(const Config& config) {
  set_up_heap();
  auto parts = std::make_unique<Parts>(config);
  if (auto started = parts->start(config); !started) {
    static_cast<void>(parts->stop());
    return fail(std::move(started).error());
  }
  return std::unique_ptr<Application>(
      new Application(std::move(parts)));  // NOLINT: the constructor is private
}

Result<void> Application::stop() { return parts_->stop(); }

std::string Application::url() const { return "http://" + authority(parts_->host, port()); }

std::string Application::otlp_grpc_address() const {
  if (parts_->grpc_server == nullptr) return "";
  return authority(parts_->grpc_host, parts_->grpc_server->port());
}

const std::string& Application::syslog_addresses() const { return parts_->syslog_addresses; }

const std::string& Application::forward_addresses() const { return parts_->forward_addresses; }

std::uint16_t Application::port() const { return parts_->http_server->port(); }
const std::string& Application::data_folder() const { return parts_->options.data_folder.native(); }

}  // namespace livedata
