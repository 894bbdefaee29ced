#include "collect/remote/probe.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>
#include <random>

#include <fmt/format.h>

#include "collect/host/system.h"
#include "collect/host/text_scan.h"
#include "collect/remote/answers.h"
#include "collect/remote/child_process.h"
#include "collect/remote/clock_skew.h"
#include "collect/remote/far_files.h"
#include "collect/remote/far_side.h"
#include "collect/remote/reply_parser.h"
#include "collect/remote/ssh_command.h"

namespace livedata::collect::remote {
namespace {

constexpr std::size_t kMaxAnswer = 16U << 20U;
constexpr std::size_t kMaxSaid = 64U * 1024U;
constexpr std::size_t kMaxShown = 200;
constexpr std::size_t kMaxFiles = 500;

/// One connection, one question after another.
class Connection {
 public:
  Connection(ChildProcess child, const std::string& mark, std::chrono::nanoseconds timeout)
      : child_(std::move(child)),
        replies_(mark, kMaxAnswer),
        deadline_(std::chrono::steady_clock::now() + timeout) {
    ::fcntl(child_.input(), F_SETFL, 0);  // what is sent is short
  }

  bool send(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t size = ::write(child_.input(), text.data(), text.size());
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
  }

  /// The answer with this tag; nothing when the connection ends before.
  std::optional<std::string> wait_for(const std::string& tag) {
    std::optional<std::string> answer;
    while (!answer && read_some([&](const Reply& reply) {
      if (reply.tag == tag) answer = reply.body;
    })) {
    }
    return answer;
  }
  std::optional<std::string> ask(std::string_view command) {
    const std::string tag = std::to_string(++last_tag_);
    if (!send(fmt::format("{} {}\n", tag, command))) return std::nullopt;
    return wait_for(tag);
  }

  [[nodiscard]] const std::string& said() const { return said_; }
  [[nodiscard]] bool is_late() const { return std::chrono::steady_clock::now() >= deadline_; }
  int exit_code() {
    // All pipes have ended, so it is about to.
    for (int i = 0; i < 100 && !child_.exit_code(); ++i) ::usleep(10'000);
    return child_.exit_code().value_or(-1);
  }

 private:
  bool read_some(const ReplyParser::Take& take) {
    std::array<pollfd, 2> fds = {{{output_open_ ? child_.output() : -1, POLLIN, 0},
                                  {errors_open_ ? child_.errors() : -1, POLLIN, 0}}};
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
    if (left.count() <= 0 || (!output_open_ && !errors_open_)) return false;
    if (::poll(fds.data(), fds.size(), static_cast<int>(left.count())) <= 0) return errno == EINTR;
    std::array<char, 64U * 1024U> piece;  // NOLINT: read() fills it
    if (fds[1].revents != 0) {
      const ssize_t size = ::read(child_.errors(), piece.data(), piece.size());
      errors_open_ = size > 0;
      if (size > 0) said_.append(piece.data(), static_cast<std::size_t>(size));
      if (said_.size() > kMaxSaid) return false;
    }
    if (fds[0].revents == 0) return true;
    const ssize_t size = ::read(child_.output(), piece.data(), piece.size());
    output_open_ = size > 0;
    return size <= 0 ||
           replies_.feed({piece.data(), static_cast<std::size_t>(size)}, take).has_value();
  }

  ChildProcess child_;
  ReplyParser replies_;
  const std::chrono::steady_clock::time_point deadline_;
  std::string said_;
  bool output_open_ = true;
  bool errors_open_ = true;
  unsigned last_tag_ = 0;
};

std::string new_mark() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

void tell_system(Connection& connection, ProbeReport& report) {
  std::map<std::string, std::string, std::less<>> files;
  const std::string answer = connection.ask(request::kIdentity).value_or("");
  for_each_file(answer, [&](std::string_view path, std::string_view content) {
    files.emplace(path, host::trimmed(content));
  });
  const auto text = [&files](std::string_view path) {
    return printable(files[std::string(path)], kMaxShown);
  };
  report.facts.emplace_back("host", text("/proc/sys/kernel/hostname"));
  const auto os = host::parse_os_release(
      files.count("/etc/os-release") > 0 ? files["/etc/os-release"] : files["/usr/lib/os-release"]);
  const auto name = os.find("PRETTY_NAME");
  report.facts.emplace_back(
      "system", fmt::format("{}{}{} {}", name == os.end() ? "" : printable(name->second, kMaxShown),
                            name == os.end() ? "" : ", ", text("/proc/sys/kernel/ostype"),
                            text("/proc/sys/kernel/osrelease")));
  if (files.count("/proc/sys/kernel/osrelease") == 0)
    report.warnings.emplace_back("there is no /proc as of Linux: there will be no metrics");
}

void tell_clock(Connection& connection, ProbeReport& report) {
  ClockSkew skew;
  const auto now = [] {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  };
  TimestampNs shortest = INT64_MAX;
  for (int i = 0; i < 4; ++i) {
    const TimestampNs asked = now();
    const auto there = parse_far_time(connection.ask(request::kClock).value_or(""));
    const TimestampNs answered = now();
    shortest = std::min(shortest, answered - asked);
    if (there) skew.add(asked, answered, there->earliest, there->latest);
  }
  const auto ahead = skew.ahead();
  if (!ahead) {
    report.warnings.emplace_back("its clock can't be read: times are taken as they come");
    return;
  }
  report.facts.emplace_back("round trip",
                            fmt::format("{:.1f} ms", static_cast<double>(shortest) / 1e6));
  report.facts.emplace_back("clock",
                            fmt::format("{:+.3f} s against this one's, give or take {:.3f} s",
                                        static_cast<double>(*ahead) / 1e9,
                                        static_cast<double>(skew.uncertainty()) / 1e9));
}

void tell_logs(Connection& connection, const RemoteSpec& spec, ProbeReport& report) {
  const std::string journal =
      spec.journal ? connection.ask(request::try_journal(spec)).value_or("") : "";
  if (journal.find("__CURSOR=") != std::string::npos) {
    report.facts.emplace_back("logs", "the journal");
    if (journal.find("not seeing messages") != std::string::npos) {
      report.warnings.emplace_back(
          "the user sees only a part of the journal; add it there to the group systemd-journal or "
          "adm");
    }
    if (spec.files.empty()) return;
  }
  const auto listed =
      connection.ask(request::list_files(spec.files.empty() ? usual_far_files() : spec.files));
  const std::size_t files = parse_listed_files(listed.value_or(""), kMaxFiles).size();
  if (files > 0) {
    report.facts.emplace_back("logs", fmt::format("{} files", files));
  } else if (report.facts.back().first != "logs") {
    report.warnings.emplace_back(
        "neither a journal nor log files can be read: there will be no logs; add the user there "
        "to the group systemd-journal or adm");
  }
}

}  // namespace

ProbeReport probe(const RemoteSpec& spec, const std::string& ssh_program,
                  std::chrono::nanoseconds timeout) {
  ProbeReport report;
  const std::string mark = new_mark();
  const std::string script = far_side_script(mark);
  auto child = ChildProcess::start(ssh_command(ssh_program, spec, far_side_command(script.size())));
  if (!child) {
    report.failure = {.reason = "no_ssh", .message = child.error().message};
    return report;
  }
  Connection connection(*std::move(child), mark, timeout);
  if (!connection.send(script) || !connection.wait_for("ready")) {
    report.failure =
        connection.is_late()
            ? SshFailure{.reason = "timeout",
                         .message = fmt::format("{} does not answer", spec.destination)}
            : explain_failure(connection.said(), connection.exit_code(), spec);
    return report;
  }
  tell_system(connection, report);
  tell_clock(connection, report);
  tell_logs(connection, spec, report);
  if (!connection.ask(request::kFast)) {
    report.failure = explain_loss(connection.said(), connection.exit_code(), spec);
  }
  return report;
}

}  // namespace livedata::collect::remote
