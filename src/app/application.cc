#include "app/application.h"

#include <malloc.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "app/files_options.h"
#include "app/page.h"
#include "app/store_options.h"
#include "base/background.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "base/logger.h"
#include "base/metric.h"
#include "base/thread_pool.h"
#include "collect/collectors.h"
#include "ingest/writer.h"
#include "model/limits.h"
#include "query/logql/engine.h"
#include "server/api/live_tail.h"
#include "server/api/loki/routes.h"
#include "server/api/native/routes.h"
#include "server/http/router.h"
#include "server/http/server.h"
#include "storage/store.h"

#ifndef LIVEDATA_VERSION
#error "the build must define LIVEDATA_VERSION"
#endif

namespace livedata {
namespace {

constexpr std::size_t kMaxQueuedTasks = 1024;
constexpr auto kTrimInterval = std::chrono::seconds(30);  // after which freed memory is given back

Limits limits_of(const Config& config) {
  Limits limits;
  limits.max_line_bytes = config.max_line_bytes;
  limits.max_body_bytes = config.max_body_bytes;
  return limits;
}

Result<server::HttpOptions> http_options(const Config& config, const Limits& limits) {
  LIVEDATA_TRY(const auto address, server::parse_listen_address(config.listen));
  if (!server::is_loopback(address.first) && !config.allow_unauthenticated) {
    return fail(ErrorCode::kInvalidArgument,
                "{} can be reached by other machines, and livedata has no authentication yet; "
                "listen on 127.0.0.1, or add "
                "--allow-unauthenticated if the network is trusted",
                config.listen);
  }
  server::HttpOptions options;
  options.host = address.first;
  options.port = address.second;
  options.max_body_bytes = limits.max_body_bytes;
  return options;
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
      : limits(limits_of(config)), logger(clock, config.log_level) {}

  Result<void> start(const Config& config) {
    LIVEDATA_TRY(const server::HttpOptions http, http_options(config, limits));
    LIVEDATA_TRY(options, store_options(config));
    LIVEDATA_TRY(std::vector<collect::FileSet> followed, files_to_follow(config));
    LIVEDATA_TRY(store, storage::Store::open(options, storage::OpenMode::kReadWrite, files, clock,
                                             logger, metrics));
    writer = std::make_unique<ingest::Writer>(*store, metrics);
    query_threads = std::make_unique<ThreadPool>(
        "ld-query", std::max(1U, std::thread::hardware_concurrency()) - 1, kMaxQueuedTasks,
        Priority::kLow);
    engine = std::make_unique<query::logql::Engine>(*store, *query_threads, limits, clock);
    tail = std::make_unique<server::LiveTail>(*store, TenantId::single());
    add_routes();
    LIVEDATA_TRY(http_server, server::HttpServer::start(http, router, logger));
    host = http.host;
    if (config.collect || !followed.empty()) start_collectors(config, std::move(followed));
    ready = true;
    return {};
  }

  Result<void> stop() {
    ready = false;
    collectors.reset();
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
  std::string host;
  std::atomic<bool> ready{false};
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<ingest::Writer> writer;
  std::unique_ptr<ThreadPool> query_threads;
  std::unique_ptr<query::logql::Engine> engine;
  std::unique_ptr<server::LiveTail> tail;
  server::Router router{metrics};
  std::unique_ptr<server::HttpServer> http_server;
  std::unique_ptr<collect::Collectors> collectors;

 private:
  void add_routes() {
    const server::ApiContext context{.store = *store,
                                     .writer = *writer,
                                     .engine = *engine,
                                     .live_tail = *tail,
                                     .limits = limits,
                                     .clock = clock,
                                     .version = std::string(livedata::version())};
    server::loki::add_routes(context, router);
    server::native::add_routes(context, metrics, ready, router);
    server::native::add_process_metrics(metrics);
    add_store_gauges(*store, metrics);
    router.set_fallback(serve_page);
  }

  void start_collectors(const Config& config, std::vector<collect::FileSet> followed) {
    collect::CollectOptions collect_options;
    collect_options.watch_machine = config.collect;
    collect_options.files = std::move(followed);
    collect_options.backfill_bytes_per_second = config.files_backfill_bytes_per_second;
    collect_options.poll_interval = config.files_poll_interval;
    collect_options.saved = store->bookmarks(TenantId::single());
    collectors = std::make_unique<collect::Collectors>(
        std::move(collect_options),
        [this](RecordBatch batch, Bookmarks bookmarks) {
          return writer->write(TenantId::single(), std::move(batch), std::move(bookmarks));
        },
        limits, clock, logger, metrics);
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

std::string Application::url() const {
  const bool v6 = parts_->host.find(':') != std::string::npos;
  return fmt::format("http://{}:{}", v6 ? "[" + parts_->host + "]" : parts_->host, port());
}

std::uint16_t Application::port() const { return parts_->http_server->port(); }
const std::string& Application::data_folder() const { return parts_->options.data_folder.native(); }

}  // namespace livedata
