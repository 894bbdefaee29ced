#include "collect/custom/custom_collector.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "collect/custom/command.h"
#include "collect/custom/nagios_output.h"
#include "collect/custom/scrape.h"
#include "collect/host/host_metrics.h"
#include "collect/host/sample.h"

namespace livedata::collect::custom {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kLongestDelay = std::chrono::minutes(5);
constexpr unsigned kMaxDoublings = 16;
constexpr std::string_view kStatusSource = "collector";

double seconds_of(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

/// A label of ours may be shorter than what the store takes, and no longer.
CollectorSpec bounded(CollectorSpec spec, const Limits& limits) {
  spec.limits.max_label_bytes = std::min(
      {spec.limits.max_label_bytes, limits.max_label_value_bytes, limits.max_label_name_bytes});
  return spec;
}

std::string time_text(nanoseconds time) {
  const double seconds = seconds_of(time);
  return seconds < 120 ? fmt::format("{:g} s", seconds) : fmt::format("{:g} min", seconds / 60);
}

/// What has ended a command that gave no result.
std::string exit_text(const CommandResult& result) {
  std::string text = result.exit_code < 0
                         ? fmt::format("the command was ended by signal {}", -result.exit_code)
                         : fmt::format("the command ended with exit code {}", result.exit_code);
  if (!result.complaint.empty()) text += fmt::format("; it said: {}", result.complaint);
  return text;
}

}  // namespace

struct CustomCollector::Shown {
  std::string_view name;
  std::string_view help;
  double Totals::* value;
};

const std::vector<CustomCollector::Shown>& CustomCollector::shown() {
  static const std::vector<Shown> kShown = {
      {"livedata_collect_seconds_total", "CPU time that collecting host metrics took",
       &Totals::cpu_seconds},
      {"livedata_collect_runs_total", "Times that a collector ran", &Totals::runs},
      {"livedata_collect_interval_seconds", "How often a collector runs now",
       &Totals::interval_seconds},
      {"livedata_collect_failures_total", "Runs of a collector of one's own that failed",
       &Totals::failures},
      {"livedata_collect_run_seconds_total", "Time that runs of such a collector took",
       &Totals::run_seconds},
      {"livedata_collect_bytes_total", "Bytes that such a collector has read", &Totals::bytes},
      {"livedata_collect_left_out_total",
       "Numbers that were over a limit of their collector, and lines that could not be read",
       &Totals::left_out},
      {"livedata_collect_series", "Numbers that the last run of such a collector found",
       &Totals::series}};
  return kShown;
}

CustomCollector::CustomCollector(CollectorSpec spec, const Shared& shared)
    : spec_(bounded(std::move(spec), shared.limits)),
      shared_(shared),
      records_(spec_, shared.host, shared.limits, shared.label_guard) {
  totals_.interval_seconds = seconds_of(spec_.interval);
  if (spec_.command.empty() && spec_.url.is_secure)
    secure_transport_ = std::make_unique<http_client::HttpClient>(
        http_client::HttpClient::Options{.ca_file = spec_.ca_file});
  const std::string labels = fmt::format("collector=\"{}\"", spec_.name);
  for (const Shown& gauge : shown()) {
    shared_.metrics.gauge(gauge.name, gauge.help, labels, [this, value = gauge.value] {
      const MutexLock lock(mutex_);
      return totals_.*value;
    });
  }
}

CustomCollector::~CustomCollector() {
  const std::string labels = fmt::format("collector=\"{}\"", spec_.name);
  for (const Shown& gauge : shown()) shared_.metrics.remove_gauge(gauge.name, labels);
}

nanoseconds CustomCollector::delay() const {
  const unsigned doublings = failures_ == 0 ? 0 : std::min(failures_ - 1, kMaxDoublings);
  return std::min(spec_.interval * (std::int64_t{1} << doublings),
                  std::max(spec_.interval, kLongestDelay));
}

nanoseconds CustomCollector::run(const StopSignal& stop) {
  const double cpu_before = host::thread_cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  Round round;
  auto readings = read(stop, round);
  round.seconds = seconds_of(std::chrono::steady_clock::now() - start);
  if (!readings && readings.error().code == ErrorCode::kCancelled) return spec_.interval;
  if (readings) {
    succeeded(*std::move(readings), round);
  } else {
    failed(readings.error(), round);
  }
  const nanoseconds next = delay();
  const MutexLock lock(mutex_);
  totals_.runs += 1;
  totals_.run_seconds += round.seconds;
  totals_.bytes += static_cast<double>(round.num_bytes);
  totals_.cpu_seconds += round.cpu_seconds + host::thread_cpu_seconds() - cpu_before;
  totals_.interval_seconds = seconds_of(next);
  return next;
}

Result<Readings> CustomCollector::read(const StopSignal& stop, Round& round) const {
  const WorkLimit limit{std::chrono::steady_clock::now() + spec_.timeout, stop};
  auto readings = [&]() -> Result<Readings> {
    if (!spec_.command.empty()) return run_command_once(limit, round);
    LIVEDATA_TRY(std::string body, scrape({.url = spec_.url,
                                           .headers = spec_.headers,
                                           .timeout = spec_.timeout,
                                           .max_body_bytes = spec_.max_output_bytes,
                                           .secure_transport = secure_transport_.get()},
                                          limit));
    round.num_bytes = body.size();
    Readings scraped(std::move(body), spec_.limits);
    LIVEDATA_RETURN_IF_ERROR(read_output(OutputFormat::kPrometheus, 0, scraped));
    return scraped;
  }();
  if (!readings && readings.error().code == ErrorCode::kDeadlineExceeded)
    return fail(std::move(readings).error().with_context(
        fmt::format("no end after {}", time_text(spec_.timeout))));
  return readings;
}

Result<Readings> CustomCollector::run_command_once(const WorkLimit& limit, Round& round) const {
  LIVEDATA_TRY(CommandResult result, run_command({.words = spec_.command,
                                                  .environment = spec_.environment,
                                                  .folder = spec_.folder,
                                                  .max_output_bytes = spec_.max_output_bytes},
                                                 limit, round.cpu_seconds));
  round.num_bytes = result.output.size();
  const OutputFormat format =
      spec_.format == OutputFormat::kAuto ? detect_format(result.output) : spec_.format;
  const bool is_good =
      format == OutputFormat::kNagios ? is_nagios_status(result.exit_code) : result.exit_code == 0;
  if (!is_good) return fail(ErrorCode::kUnavailable, "{}", exit_text(result));
  Readings readings(std::move(result.output), spec_.limits);
  auto read = read_output(format, result.exit_code, readings);
  if (read) return readings;
  if (!result.complaint.empty())
    read.error().message += fmt::format("; it said: {}", result.complaint);
  return fail(std::move(read).error());
}

void CustomCollector::succeeded(Readings readings, const Round& round) {
  if (failures_ > 0)
    shared_.logger.info("collector {}: it works again, after {} failed {}", spec_.name, failures_,
                        failures_ == 1 ? "run" : "runs");
  failures_ = 0;
  const TimestampNs now = shared_.clock.now();
  RecordBatch batch;
  const auto outcome = records_.add(readings, now, batch);
  add_status(round, &readings, {}, now, batch);
  notice_left_out(readings, outcome.num_out_of_time);
  {
    const MutexLock lock(mutex_);
    totals_.series = static_cast<double>(readings.num_series());
    totals_.left_out += static_cast<double>(readings.num_left_out() + outcome.num_out_of_time);
  }
  const std::size_t num_series = readings.num_series();
  auto last = spec_.expose ? std::make_shared<const Readings>(std::move(readings)) : nullptr;
  shared_.page.show(spec_, {.readings = std::move(last),
                            .up = true,
                            .seconds = round.seconds,
                            .num_series = num_series});
  store(std::move(batch));
}

void CustomCollector::failed(const Error& error, const Round& round) {
  ++failures_;
  if (failures_ == 1)
    shared_.logger.warn(
        "collector {}: {}; it is tried again in {}, and the next notice comes when it works",
        spec_.name, error.message, time_text(delay()));
  {
    const MutexLock lock(mutex_);
    totals_.failures += 1;
    totals_.series = 0;
  }
  shared_.page.show(spec_, {.readings = nullptr, .up = false, .seconds = round.seconds});
  RecordBatch batch;
  add_status(round, nullptr, error.message, shared_.clock.now(), batch);
  store(std::move(batch));
}

void CustomCollector::add_status(const Round& round, const Readings* readings,
                                 std::string_view error, TimestampNs now,
                                 RecordBatch& batch) const {
  const bool is_up = readings != nullptr;
  const std::array fields = {
      Field{"collector", std::string_view(spec_.name)},
      Field{"up", std::int64_t{is_up ? 1 : 0}},
      Field{"scrape_duration_seconds", round.seconds},
      Field{"scrape_samples_scraped", host::as_int(is_up ? readings->num_series() : 0)},
      Field{"scrape_samples_left_out", host::as_int(is_up ? readings->num_left_out() : 0)},
      Field{"bytes", host::as_int(round.num_bytes)}};
  const std::uint32_t stream = batch.add_stream(
      Labels({Label{"source", std::string(kStatusSource)}, Label{"host", shared_.host}}));
  batch.add(stream, now, error, fields);
}

void CustomCollector::notice_left_out(const Readings& readings, std::size_t num_out_of_time) {
  std::string reasons;
  const auto add = [&](std::string_view reason, std::size_t count) {
    if (count > 0) reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ", count, reason);
  };
  for (std::size_t i = 0; i < Readings::kNumLeftOut; ++i) {
    const auto reason = static_cast<Readings::LeftOut>(i);
    add(Readings::name(reason), readings.left_out(reason));
  }
  add("out_of_time", num_out_of_time);
  if (!reasons.empty() && !leaves_out_) {
    if (!readings.first_mistake().empty())
      reasons += fmt::format(" ({})", readings.first_mistake());
    shared_.logger.warn("collector {}: some of what it says is left out: {}", spec_.name, reasons);
  }
  leaves_out_ = !reasons.empty();
}

void CustomCollector::store(RecordBatch batch) {
  const auto stored = shared_.sink(std::move(batch));
  if (!stored && !store_fails_)
    shared_.logger.warn("collector {}: storing what it says: {}", spec_.name,
                        stored.error().message);
  store_fails_ = !stored;
}

}  // namespace livedata::collect::custom
