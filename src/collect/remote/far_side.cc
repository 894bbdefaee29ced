#include "collect/remote/far_side.h"

#include <fmt/format.h>

namespace livedata::collect::remote {
namespace {

// A request costs one program, as a rule: head(1) shows many files with their names. In front
// stands a file that is always there, since of a single one head does not show the name.
constexpr std::string_view kScript = R"script(exec 3>&2 2>/dev/null
LC_ALL=C
PATH=$PATH:/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin
export LC_ALL PATH
journal_pid=
leave() {
  trap - 0 1 2 13 15
  [ -z "$journal_pid" ] || kill "$journal_pid"
  exit 0
}
trap leave 0 1 2 13 15
files() { head -n 20000 /proc/uptime "$@"; }
fast() {
  files /proc/loadavg /proc/stat /proc/meminfo /proc/diskstats /proc/net/dev \
    /proc/pressure/cpu /proc/pressure/memory /proc/pressure/io
}
medium() {
  files /proc/vmstat /proc/net/snmp /proc/net/netstat /proc/net/snmp6 /proc/net/softnet_stat \
    /proc/net/sockstat /proc/net/sockstat6 /proc/sys/net/netfilter/nf_conntrack_count \
    /proc/sys/net/netfilter/nf_conntrack_max
}
identity() {
  files /proc/sys/kernel/ostype /proc/sys/kernel/osrelease /proc/sys/kernel/version \
    /proc/sys/kernel/hostname /proc/sys/kernel/domainname /proc/sys/kernel/random/boot_id \
    /etc/os-release /usr/lib/os-release /etc/passwd
}
system() {
  files /proc/sys/fs/file-nr /proc/sys/kernel/random/entropy_avail \
    /proc/sys/kernel/random/poolsize /proc/self/mounts /sys/block/*/size \
    /sys/block/*/device/model /run/systemd/sessions/[0-9]*[0-9] /run/systemd/sessions/c[0-9]*
}
interfaces() {
  for name in operstate address broadcast duplex ifalias mtu speed carrier carrier_changes flags \
    ifindex iflink tx_queue_len type; do
    set -- "$@" /sys/class/net/*/$name
  done
  files "$@"
}
temperatures() {
  files /sys/class/hwmon/hwmon*/name /sys/class/hwmon/hwmon*/temp*_input \
    /sys/class/hwmon/hwmon*/temp*_label /sys/class/hwmon/hwmon*/temp*_crit \
    /sys/class/hwmon/hwmon*/fan*_input /sys/class/hwmon/hwmon*/fan*_label \
    /sys/class/thermal/thermal_zone*/type /sys/class/thermal/thermal_zone*/temp \
    /sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_cur_freq
}
cgroups() {
  [ -e /sys/fs/cgroup/cgroup.controllers ] || return
  for name in cpu.stat memory.current memory.max memory.events memory.swap.current pids.current \
    io.stat; do
    set -- "$@" /sys/fs/cgroup/*/$name /sys/fs/cgroup/*/*/$name /sys/fs/cgroup/*/*/*/$name \
      /sys/fs/cgroup/*/*/*/*/$name
  done
  files "$@"
}
processes() { cat /proc/[0-9]*/stat; }
details() {
  for pid; do
    set -- "$@" "/proc/$pid/status" "/proc/$pid/io" "/proc/$pid/cgroup"
    shift
  done
  files "$@"
}
commands() {
  for pid; do
    dd bs=2000 count=1 <"/proc/$pid/cmdline"
    printf '\n%s p %s\n' "$mark" "$pid"
  done
}
tcp() {
  awk 'FNR>1{c[$4]++}END{for(s in c)print s,c[s]}' /proc/net/tcp /proc/net/tcp6 ||
    awk 'FNR>1{c[$4]++}END{for(s in c)print s,c[s]}' /proc/net/tcp
}
units() {
  systemctl list-units --all --full --plain --no-legend --no-pager </dev/null
}
clock() { date '+%s.%N %z'; }
constants() { printf '%s\n%s\n%s\n' "$(getconf CLK_TCK)" "$(getconf PAGESIZE)" "$(uname -m)"; }
disks() {
  df -P -k "$@" </dev/null
  echo
  df -P -i "$@" </dev/null
}
try_journal() {
  command -v journalctl >/dev/null || return
  { journalctl --no-pager -n 1 -o export "$@" </dev/null 2>&1; } | head -n 60
}
follow_journal() {
  printf '\n%s journal\n' "$mark" >&3
  journalctl -q -f -o export --no-pager --no-tail "$@" </dev/null >&3 3>&- &
  journal_pid=$!
}
journal_runs() { [ -z "$journal_pid" ] || kill -0 "$journal_pid" || echo ended; }
list_files() { ls -Llind "$@"; }
read_file() {
  {
    ls -Llin /proc/self/fd/4
    dd bs=4096 skip="$2" count="$3" <&4
  } 4<"$1"
}
printf '\n%s ready\n' "$mark"
while read -r tag line; do
  eval "$line"
  printf '\n%s %s\n' "$mark" "$tag"
done
)script";

void append_pids(std::string& out, std::span<const std::int64_t> pids) {
  for (const std::int64_t pid : pids) out += fmt::format(" {}", pid);
}

std::string journal_words(const RemoteSpec& spec) {
  if (spec.journal_folder.empty()) return "";
  return fmt::format(" --directory={}", shell_quoted(spec.journal_folder));
}

}  // namespace

std::string far_side_script(std::string_view mark) {
  return fmt::format("mark={}\n{}", mark, kScript);
}

std::string far_side_command(std::size_t script_bytes) {
  // dd takes exactly the script off the input, byte by byte; a shell may read ahead. The outer
  // shell may be any, and within single quotes they agree.
  return fmt::format("exec sh -c 'eval \"$(dd bs=1 count={} 2>/dev/null)\"'", script_bytes);
}

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out += '\'';
}

namespace request {

std::string details(std::span<const std::int64_t> pids) {
  std::string out = "details";
  append_pids(out, pids);
  return out;
}

std::string commands(std::span<const std::int64_t> pids) {
  std::string out = "commands";
  append_pids(out, pids);
  return out;
}

std::string disk_usage(const std::vector<std::string>& mounts) {
  std::string out = "disks";
  for (const std::string& mount : mounts) out += fmt::format(" {}", shell_quoted(mount));
  return out;
}

std::string try_journal(const RemoteSpec& spec) { return "try_journal" + journal_words(spec); }

std::string follow_journal(const RemoteSpec& spec, std::string_view cursor,
                           std::int64_t backlog_seconds) {
  const std::string from = cursor.empty() ? fmt::format("--since=-{}s", backlog_seconds)
                                          : fmt::format("--cursor={}", shell_quoted(cursor));
  return fmt::format("follow_journal {}{}", from, journal_words(spec));
}

std::string list_files(const std::vector<std::string>& patterns) {
  std::string out = "list_files";
  for (const std::string& pattern : patterns) out += fmt::format(" {}", pattern);
  return out;
}

std::string read_file(std::string_view path, std::uint64_t first, std::uint64_t blocks) {
  return fmt::format("read_file {} {} {}", shell_quoted(path), first, blocks);
}

}  // namespace request
}  // namespace livedata::collect::remote
