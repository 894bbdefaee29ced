#include "collect/host/system.h"

#include <utmp.h>

#include <array>
#include <cstring>
#include <set>

#include <fmt/core.h>

#include "collect/host/text_scan.h"

namespace livedata::collect::host {
namespace {

constexpr std::size_t kMaxLogins = 200;

template <std::size_t kSize>
std::string text_of(const char (&field)[kSize]) {
  return std::string(static_cast<const char*>(field), ::strnlen(field, kSize));
}

std::optional<std::uint64_t> number_of(SourceFile& file) {
  const auto text = file.read();
  if (!text) return std::nullopt;
  return TextScanner(*text).number();
}

}  // namespace

std::map<std::string, std::string, std::less<>> parse_os_release(std::string_view text) {
  std::map<std::string, std::string, std::less<>> values;
  for (TextScanner lines(text); !lines.done();) {
    TextScanner line(trimmed(lines.line()));
    const std::string_view name = line.until('=');
    std::string_view value = line.rest();
    if (name.empty() || name.starts_with('#')) continue;
    const bool quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
                        value.back() == value.front();
    if (quoted) value = value.substr(1, value.size() - 2);
    values.emplace(name, value);
  }
  return values;
}

SystemCollector::SystemCollector(HostSource& source)
    : source_(source),
      uptime_(source.open("/proc/uptime")),
      file_handles_(source.open("/proc/sys/fs/file-nr")),
      entropy_(source.open("/proc/sys/kernel/random/entropy_avail")),
      entropy_pool_(source.open("/proc/sys/kernel/random/poolsize")) {}

std::string SystemCollector::line_of(const std::string& path) {
  std::string buffer;
  return std::string(trimmed(source_.read(path, buffer).value_or("")));
}

void SystemCollector::read_identity() {
  identity_.system = line_of("/proc/sys/kernel/ostype");
  identity_.release = line_of("/proc/sys/kernel/osrelease");
  identity_.version = line_of("/proc/sys/kernel/version");
  identity_.node = line_of("/proc/sys/kernel/hostname");
  identity_.domain = line_of("/proc/sys/kernel/domainname");
  identity_.machine = source_.machine();
  std::string buffer;
  auto text = source_.read("/etc/os-release", buffer);
  if (!text) text = source_.read("/usr/lib/os-release", buffer);
  identity_.os = parse_os_release(text.value_or(""));
}

void SystemCollector::parse_utmp(std::string_view bytes) {
  for (; bytes.size() >= sizeof(utmp) && logins_.size() < kMaxLogins;
       bytes.remove_prefix(sizeof(utmp))) {
    utmp entry{};
    std::memcpy(&entry, bytes.data(), sizeof entry);
    if (entry.ut_type != USER_PROCESS) continue;
    Login login;
    login.user = text_of(entry.ut_user);
    login.terminal = text_of(entry.ut_line);
    login.from = text_of(entry.ut_host);
    login.pid = entry.ut_pid;
    login.since = static_cast<TimestampNs>(entry.ut_tv.tv_sec) * kNsPerSecond;
    logins_.push_back(std::move(login));
  }
}

/// systemd-logind's files, where there is no utmp any more: lines NAME=value.
void SystemCollector::read_sessions() {
  constexpr std::string_view kFolder = "/run/systemd/sessions";
  std::vector<std::string> names;
  source_.list(std::string(kFolder), [&names](std::string_view name) {
    if (!name.ends_with(".ref") && names.size() < kMaxLogins) names.emplace_back(name);
  });
  std::string buffer;
  for (const std::string& name : names) {
    const auto text = source_.read(fmt::format("{}/{}", kFolder, name), buffer);
    if (!text) continue;
    const auto values = parse_os_release(*text);
    const auto value = [&](std::string_view key) {
      const auto found = values.find(key);
      return found == values.end() ? std::string() : found->second;
    };
    if (value("CLASS") != "user") continue;
    logins_.push_back({.user = value("USER"),
                       .terminal = value("TTY"),
                       .from = value("REMOTE_HOST"),
                       .pid = to_number<std::int64_t>(value("LEADER")),
                       .since = to_number<std::int64_t>(value("REALTIME")) * 1000});
  }
}

void SystemCollector::read_logins() {
  logins_.clear();
  std::string buffer;
  if (const auto bytes = source_.read("/run/utmp", buffer)) {
    parse_utmp(*bytes);
  } else {
    read_sessions();
  }
}

bool SystemCollector::sample(const Sample& sample) {
  const auto uptime = uptime_->read();
  if (!uptime) return false;
  uptime_seconds_ = TextScanner(*uptime).decimal();
  if (identity_.release.empty()) read_identity();
  handles_.reset();
  handles_limit_.reset();
  if (const auto text = file_handles_->read()) {
    TextScanner words(*text);  // allocated, free (always 0), maximum
    handles_ = words.number();
    words.skip(1);
    handles_limit_ = words.number();
  }
  entropy_bits_ = number_of(*entropy_);
  entropy_pool_bits_ = number_of(*entropy_pool_);
  clock_ = source_.clock_status();
  read_logins();
  sampled_at_ = sample.now;
  std::set<std::string_view> users;
  for (const Login& login : logins_) users.insert(login.user);
  std::array<Field, 9> fields = {Field{"uptime_seconds", uptime_seconds_},
                                 Field{"file_handles", as_int(handles_.value_or(0))},
                                 Field{"file_handles_limit", as_int(handles_limit_.value_or(0))},
                                 Field{"users", static_cast<std::int64_t>(users.size())},
                                 Field{"sessions", static_cast<std::int64_t>(logins_.size())},
                                 Field{"entropy_bits", as_int(entropy_bits_.value_or(0))},
                                 Field{"kernel", std::string_view(identity_.release)}};
  std::size_t count = 7;
  if (clock_) {
    fields[count++] = Field{"clock_synchronized", clock_->synchronized};
    fields[count++] = Field{"clock_offset_seconds", clock_->offset_seconds};
  }
  sample.add("system", std::span<const Field>(fields).first(count));
  for (const Login& login : logins_) {
    sample.add("login", {Field{"user", std::string_view(login.user)},
                         Field{"terminal", std::string_view(login.terminal)},
                         Field{"from", std::string_view(login.from)}, Field{"pid", login.pid},
                         Field{"since", login.since}});
  }
  return true;
}

void SystemCollector::expose(Exposition& page) const {
  if (uptime_seconds_ == 0) return;
  page.gauge("node_time_seconds", "System time in seconds since epoch (1970).")
      .add(static_cast<double>(sampled_at_) / 1e9);
  page.gauge("node_uname_info", "Labeled system information as provided by the uname system call.")
      .add({{"domainname", identity_.domain},
            {"machine", identity_.machine},
            {"nodename", identity_.node},
            {"release", identity_.release},
            {"sysname", identity_.system},
            {"version", identity_.version}},
           1);
  const auto os = [this](std::string_view key) {
    const auto found = identity_.os.find(key);
    return found == identity_.os.end() ? std::string_view() : std::string_view(found->second);
  };
  if (!identity_.os.empty()) {
    page.gauge("node_os_info",
               "A metric with a constant '1' value labeled by build_id, id, id_like, image_id, "
               "image_version, name, pretty_name, variant, variant_id, version, "
               "version_codename, version_id.")
        .add({{"build_id", os("BUILD_ID")},
              {"id", os("ID")},
              {"id_like", os("ID_LIKE")},
              {"image_id", os("IMAGE_ID")},
              {"image_version", os("IMAGE_VERSION")},
              {"name", os("NAME")},
              {"pretty_name", os("PRETTY_NAME")},
              {"variant", os("VARIANT")},
              {"variant_id", os("VARIANT_ID")},
              {"version", os("VERSION")},
              {"version_codename", os("VERSION_CODENAME")},
              {"version_id", os("VERSION_ID")}},
             1);
  }
  const auto gauge = [&page](std::string_view name, std::string_view help, const auto& value) {
    if (value) page.gauge(name, help).add(*value);
  };
  gauge("node_filefd_allocated", "File descriptor statistics: allocated.", handles_);
  gauge("node_filefd_maximum", "File descriptor statistics: maximum.", handles_limit_);
  gauge("node_entropy_available_bits", "Bits of available entropy.", entropy_bits_);
  gauge("node_entropy_pool_size_bits", "Bits of entropy pool.", entropy_pool_bits_);
  if (clock_) {
    page.gauge("node_timex_sync_status",
               "Is clock synchronized to a reliable server (1 = yes, 0 = no).")
        .add(clock_->synchronized ? 1 : 0);
    page.gauge("node_timex_offset_seconds",
               "Time offset in between local system and reference clock.")
        .add(clock_->offset_seconds);
    page.gauge("node_timex_maxerror_seconds", "Maximum error in seconds.")
        .add(clock_->max_error_seconds);
    page.gauge("node_timex_estimated_error_seconds", "Estimated error in seconds.")
        .add(clock_->estimated_error_seconds);
    page.gauge("node_timex_frequency_adjustment_ratio", "Local clock frequency adjustment.")
        .add(clock_->frequency_ratio);
    page.gauge("node_timex_tai_offset_seconds", "International Atomic Time (TAI) offset.")
        .add(clock_->tai_offset_seconds);
    page.gauge("node_timex_loop_time_constant", "Phase-locked loop time constant.")
        .add(clock_->loop_time_constant);
    page.gauge("node_timex_tick_seconds", "Seconds between clock ticks.").add(clock_->tick_seconds);
    page.gauge("node_timex_status", "Value of the status array bits.").add(clock_->status);
  }
  page.gauge("livedata_host_login_sessions", "Sessions of users that are logged in.")
      .add(logins_.size());
}

}  // namespace livedata::collect::host
