#include "app/application.h"

#include <malloc.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "app/archiving.h"
#include "app/auth_options.h"
#include "app/buffer_watch.h"
#include "app/doors.h"
#include "app/files_options.h"
#include "app/ingest_limits.h"
#include "app/limit_options.h"
#include "app/listen_address.h"
#include "app/page.h"
#include "app/store_gauges.h"
#include "app/store_options.h"
#include "base/background.h"
#include "base/buffer_gauges.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "base/logger.h"
#include "base/metric.h"
#include "base/thread_pool.h"
#include "collect/collectors.h"
#include "collect/custom/compile_collectors.h"
#include "collect/remote/remotes.h"
#include "ingest/label_guard.h"
#include "ingest/pipeline/compile.h"
#include "ingest/writer.h"
#include "model/limits.h"
#include "query/logql/engine.h"
#include "query/saved/saved_queries.h"
#include "query/saved/scheduler.h"
#include "query/sql/engine.h"
#include "server/api/admission.h"
#include "server/api/audit_log.h"
#include "server/api/datadog/routes.h"
#include "server/api/elastic/routes.h"
#include "server/api/hec/routes.h"
#include "server/api/journal/routes.h"
#include "server/api/live_tail.h"
#include "server/api/loki/routes.h"
#include "server/api/native/around_routes.h"
#include "server/api/native/audit_routes.h"
#include "server/api/native/diff_routes.h"
#include "server/api/native/endpoint_routes.h"
#include "server/api/native/process_metrics.h"
#include "server/api/native/record_routes.h"
#include "server/api/native/remote_routes.h"
#include "server/api/native/routes.h"
#include "server/api/native/saved_query_routes.h"
#include "server/api/native/saved_query_run.h"
#include "server/api/native/search_routes.h"
#include "server/api/native/session_routes.h"
#include "server/api/native/sql_routes.h"
#include "server/api/native/token_routes.h"
#include "server/api/otlp/routes.h"
#include "server/http/router.h"
#include "server/http/server.h"
#include "storage/store.h"
#include "tenant/authenticator.h"
#include "tenant/ingest_limiter.h"
#include "tenant/sessions.h"
#include "tenant/token_store.h"

#ifndef LIVEDATA_VERSION
#error "the build must define LIVEDATA_VERSION"
#endif

namespace livedata {
namespace {

constexpr std::size_t kMaxQueuedTasks = 1024;
constexpr auto kWatchInterval = std::chrono::seconds(1);
constexpr std::size_t kBufferedBodies = 16;  // of the largest size, at the same time
constexpr double kHeadsOfATenant = 4;        // the one that is written to, and those being flushed
constexpr auto kScheduleInterval = std::chrono::seconds(1);
constexpr auto kTrimInterval = std::chrono::seconds(30);  // after which freed memory is given back

Result<server::HttpOptions> http_options(const Config& config, const Limits& limits) {
  LIVEDATA_TRY(ListenAddress address,
               listen_address(config.listen, config.allow_unauthenticated || config.auth_enabled,
                              "nobody is asked who they are: set auth.enabled, "));
  server::HttpOptions options;
  options.host = std::move(address.host);
  options.port = address.port;
  options.max_body_bytes = limits.max_body_bytes;
  options.max_buffered_bytes = kBufferedBodies * limits.max_body_bytes;
  return options;
}

Result<collect::host::Intervals> collect_intervals(const Config& config) {
  auto intervals = collect::host::parse_intervals(config.collect_intervals);
  if (!intervals) return fail(std::move(intervals).error().with_context("collect.intervals"));
  return intervals;
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
    LIVEDATA_TRY(DoorOptions door, door_options(config, limits));
    LIVEDATA_TRY(options, store_options(config));
    LIVEDATA_TRY(tenant::IngestLimits rates, ingest_limits(config));
    LIVEDATA_TRY(tenant::AuthenticatorOptions auth, auth_options(config, files));
    LIVEDATA_TRY(host_intervals, collect_intervals(config));
    LIVEDATA_TRY(pipelines, ingest::pipeline::compile(config.file_text, config.file_name));
    pipelines.report_to(metrics, logger);
    LIVEDATA_TRY(std::vector<collect::FileSet> followed, files_to_follow(config));
    LIVEDATA_TRY(custom_collectors,
                 collect::custom::compile_collectors(config.file_text, config.file_name));
    LIVEDATA_TRY(store, storage::Store::open(options, storage::OpenMode::kReadWrite, files, clock,
                                             logger, metrics));
    LIVEDATA_TRY(archiving, Archiving::open(config, *store, options.data_folder, files, clock,
                                            logger, metrics));
    LIVEDATA_RETURN_IF_ERROR(set_up_authentication(std::move(auth)));
    limiter = std::make_unique<tenant::IngestLimiter>(std::move(rates), clock, metrics);
    writer = std::make_unique<ingest::Writer>(
        *store, metrics, [this](const TenantId& tenant, std::size_t records, std::size_t bytes) {
          return limiter->admit(tenant, records, bytes);
        });
    head_gauges.emplace(metrics, "head", kHeadsOfATenant * static_cast<double>(options.head_bytes),
                        [this] { return static_cast<double>(store->status().head_bytes); });
    query_threads = std::make_unique<ThreadPool>(
        "ld-query", std::max(1U, std::thread::hardware_concurrency()) - 1, kMaxQueuedTasks,
        Priority::kIdle);
    engine = std::make_unique<query::logql::Engine>(*store, *query_threads, limits, clock);
    sql = std::make_unique<query::sql::Engine>(*store, sql_limits(config));
    tail = std::make_unique<server::LiveTail>(*store);
    keep_audit_log();
    LIVEDATA_TRY(saved_queries, query::saved::SavedQueries::open(
                                    files, options.data_folder / "tenants" /
                                               TenantId::single().text() / "queries.jsonl"));
    lookups = std::make_unique<query::lookups::Lookups>(
        files, options.data_folder / "lookups" / TenantId::single().text());
    make_scheduler();
    add_routes();
    LIVEDATA_TRY(http_server, server::HttpServer::start(http, router, logger));
    http_gauges.emplace(metrics, "http", static_cast<double>(http.max_buffered_bytes),
                        [this] { return static_cast<double>(http_server->buffered_bytes()); });
    host = http.host;
    LIVEDATA_RETURN_IF_ERROR(open_doors(std::move(door), config));
    if (config.collect || !followed.empty() || !custom_collectors.empty()) {
      LIVEDATA_RETURN_IF_ERROR(start_collectors(config, std::move(followed)));
    }
    watch_thread =
        std::make_unique<Background>("ld-watch", kWatchInterval, [this] { buffer_watch.look(); });
    start_remotes(config);
    schedule_thread = std::make_unique<Background>("ld-schedule", kScheduleInterval,
                                                   [this] { scheduler->run_due(); });
    ready = true;
    return {};
  }

  Result<void> stop() {
    ready = false;
    if (scheduler != nullptr) scheduler->stop();
    schedule_thread.reset();
    watch_thread.reset();
    collectors.reset();
    stop_remotes();
    doors.reset();
    http_gauges.reset();
    http_server.reset();
    tail.reset();
    if (archiving != nullptr) archiving->stop();
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
  std::atomic<bool> ready{false};
  ingest::pipeline::Pipelines pipelines;
  std::unique_ptr<tenant::TokenStore> tokens;
  std::unique_ptr<tenant::Authenticator> authenticator;
  tenant::Sessions sessions{clock, tenant::system_random()};
  std::unique_ptr<server::Admission> admission;
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<Archiving> archiving;
  std::optional<BufferGauges> head_gauges;
  std::unique_ptr<server::AuditLog> audit;
  std::unique_ptr<tenant::IngestLimiter> limiter;
  std::unique_ptr<ingest::Writer> writer;
  std::unique_ptr<ThreadPool> query_threads;
  std::unique_ptr<query::logql::Engine> engine;
  std::unique_ptr<query::sql::Engine> sql;
  std::unique_ptr<server::LiveTail> tail;
  std::unique_ptr<query::lookups::Lookups> lookups;
  std::unique_ptr<query::saved::SavedQueries> saved_queries;
  std::unique_ptr<query::saved::Scheduler> scheduler;
  collect::host::HostPage host_page;
  server::Router router{metrics};
  std::unique_ptr<server::HttpServer> http_server;
  std::optional<BufferGauges> http_gauges;
  std::unique_ptr<Doors> doors;
  collect::host::Intervals host_intervals;
  std::vector<collect::custom::CollectorSpec> custom_collectors;
  std::unique_ptr<collect::Collectors> collectors;
  std::unique_ptr<Background> watch_thread;
  std::unique_ptr<Background> schedule_thread;
  Mutex remotes_mutex;
  std::unique_ptr<collect::remote::Remotes> remotes LIVEDATA_GUARDED_BY(remotes_mutex);

 private:
  Result<void> set_up_authentication(tenant::AuthenticatorOptions auth) {
    LIVEDATA_TRY(tokens, tenant::TokenStore::open(
                             {files, clock, tenant::system_random(), query::logql::parse_selector},
                             options.data_folder / tenant::kTokenFile));
    const bool names_count = auth.enabled || auth.multi_tenant;
    authenticator = std::make_unique<tenant::Authenticator>(std::move(auth), tokens.get(), clock,
                                                            tenant::system_random());
    admission = std::make_unique<server::Admission>(*authenticator, &sessions);
    if (names_count) {
      router.set_gate([this](server::Request& request, std::string_view route) {
        return admission->admit(request, route);
      });
    }
    return {};
  }

  /// Where everybody is asked who they are, what they do is kept.
  void keep_audit_log() {
    if (!authenticator->is_enabled()) return;
    audit = std::make_unique<server::AuditLog>(*writer, clock, logger);
    router.set_observer([this](const server::Request& request, std::string_view route, int status) {
      audit->see(request, route, status);
    });
  }

  /// For protocols that can't show a token: by certificate, else by address.
  [[nodiscard]] server::AdmitPeer admit_peer() const {
    if (!authenticator->is_enabled()) return nullptr;
    return [this](const server::Peer& peer) -> Result<TenantId> {
      LIVEDATA_TRY(const tenant::Identity identity,
                   authenticator->authenticate(
                       {.certificate = peer.certificate,
                        .address = peer.certificate.empty() ? peer.address : std::string_view()}));
      LIVEDATA_RETURN_IF_ERROR(identity.check(tenant::Permission::kWrite));
      return identity.tenant;
    };
  }

  server::UdpOverflow syslog_overflow(const Config& config) {
    const Bookmarks bookmarks = store->bookmarks(TenantId::single());
    const auto position = bookmarks.find(std::string(server::kOverflowBookmark));
    return {.files = &files,
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
            .sql = sql.get(),
            .lookups = lookups.get(),
            .authenticator = authenticator.get(),
            .version = std::string(livedata::version())};
  }

  void make_scheduler() {
    scheduler = std::make_unique<query::saved::Scheduler>(
        query::saved::Scheduler::Options{.saved = store->bookmarks(TenantId::single()),
                                         .timeout = limits.query_timeout},
        *saved_queries,
        [context = api_context()](const query::saved::SavedQuery& query, const TimeRange& range,
                                  const Deadline& deadline) {
          return server::native::run_saved_query(context, TenantId::single(), query, range,
                                                 deadline);
        },
        [this](RecordBatch batch, const Bookmarks& bookmarks) {
          return writer->write(TenantId::single(), std::move(batch), "schedule", bookmarks);
        },
        clock, logger, metrics);
  }

  void add_routes() {
    const server::ApiContext context = api_context();
    server::loki::add_routes(context, router);
    server::journal::add_routes(context, router);
    server::otlp::add_routes(context, router);
    server::native::add_routes(context, metrics, ready, router);
    server::native::add_record_routes(context, router);
    server::native::add_sql_routes(context, router);
    server::native::add_search_routes(context, router);
    server::native::add_lookup_routes(*lookups, router);
    server::native::add_saved_query_routes(
        context, *saved_queries,
        [this](const std::string& name) { return scheduler->status(name); }, router);
    server::native::add_host_metrics([this] { return host_page.render(); }, router);
    server::native::add_around_routes(context, router);
    server::native::add_diff_routes(context, router);
    server::native::add_remote_routes([this] { return remote_status(); }, router);
    server::hec::add_routes(context, router);
    server::datadog::add_routes(context, router);
    server::elastic::add_routes(context, router);
    server::native::add_process_metrics(metrics);
    server::native::add_audit_routes(context, router);
    server::native::add_session_routes(*authenticator, sessions, router);
    server::native::add_token_routes(*tokens, clock, router);
    server::native::add_endpoint_list(router);
    add_store_gauges(*store, metrics);
    router.set_fallback(serve_page);
  }

  Result<void> open_doors(DoorOptions door, const Config& config) {
    const server::ApiContext context = api_context();
    door.syslog.pipelines = context.pipelines;
    door.syslog.label_guard = &label_guard;
    door.syslog.admit = admit_peer();
    door.forward.admit = admit_peer();
    door.syslog.udp_overflow.emplace(syslog_overflow(config));
    door.forward.pipelines = context.pipelines;
    door.forward.label_guard = &label_guard;
    LIVEDATA_TRY(doors, Doors::open(door, context, clock, logger, metrics));
    return {};
  }

  void start_remotes(const Config& config) {
    collect::remote::RemotesOptions remote_options;
    remote_options.data_folder = options.data_folder;
    remote_options.ssh_program = config.remotes_ssh_command;
    remote_options.interval = config.remotes_interval;
    remote_options.session.journal_backlog = config.remotes_backlog;
    remote_options.session.skew_threshold = config.remotes_skew_threshold;
    remote_options.pipelines = pipelines.empty() ? nullptr : &pipelines;
    remote_options.saved = store->bookmarks(TenantId::single());
    auto started = std::make_unique<collect::remote::Remotes>(
        std::move(remote_options),
        [this](const std::shared_ptr<RecordBatch>& batch, const Bookmarks& bookmarks) {
          return writer->write(TenantId::single(), batch, "remote", bookmarks,
                               storage::Durability::kSoon);
        },
        limits, clock, logger, metrics);
    const MutexLock lock(remotes_mutex);
    remotes = std::move(started);
  }

  void stop_remotes() {
    std::unique_ptr<collect::remote::Remotes> stopped;
    {
      const MutexLock lock(remotes_mutex);
      stopped = std::move(remotes);
    }
  }

  std::vector<collect::remote::RemoteStatus> remote_status() {
    const MutexLock lock(remotes_mutex);
    return remotes == nullptr ? std::vector<collect::remote::RemoteStatus>() : remotes->status();
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
    collect_options.custom = std::move(custom_collectors);
    collect_options.label_guard = &label_guard;
    collect_options.backfill_bytes_per_second = config.files_backfill_bytes_per_second;
    collect_options.poll_interval = config.files_poll_interval;
    collect_options.saved = store->bookmarks(TenantId::single());
    collectors = std::make_unique<collect::Collectors>(
        std::move(collect_options),
        [this](ingest::Decoded decoded, const Bookmarks& bookmarks) -> Result<void> {
          // Journal and files are read again from their bookmarks; metrics are measured anew.
          LIVEDATA_RETURN_IF_ERROR(writer->write(TenantId::single(), std::move(decoded.batch),
                                                 decoded.source, bookmarks,
                                                 storage::Durability::kSoon));
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

const Doors& Application::doors() const { return *parts_->doors; }

std::uint16_t Application::port() const { return parts_->http_server->port(); }
const std::string& Application::data_folder() const { return parts_->options.data_folder.native(); }

}  // namespace livedata
