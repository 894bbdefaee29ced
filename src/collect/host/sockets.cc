#include "collect/host/sockets.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "collect/host/text_scan.h"

namespace livedata::collect::host {
namespace {

constexpr std::size_t kMaxEntries = 64;
constexpr std::size_t kMaxArpDevices = 1024;

// include/net/tcp_states.h; the names of node_exporter (tcpstat_linux.go).
constexpr std::array<std::string_view, 12> kStateNames = {
    "",          "established", "syn_sent",   "syn_recv", "fin_wait1", "fin_wait2",
    "time_wait", "close",       "close_wait", "last_ack", "listen",    "closing"};
enum State {
  kEstablished = 1,
  kSynSent,
  kSynReceived,
  kTimeWait = 6,
  kCloseWait = 8,
  kListen = 10
};

}  // namespace

void count_tcp_states(std::string_view text, TcpStates& states) {
  TextScanner lines(text);
  lines.line();  // headings
  while (!lines.done()) {
    TextScanner words(lines.line());  // sl local remote st ...
    words.skip(3);
    const std::string_view state = words.word();
    unsigned number = 0;
    std::from_chars(state.data(), state.data() + state.size(), number, 16);
    if (number > 0 && number < TcpStates::kStates) ++states.count[number];
  }
}

SocketsCollector::SocketsCollector(HostSource& source)
    : source_(source),
      sockstat_(source.open("/proc/net/sockstat")),
      sockstat6_(source.open("/proc/net/sockstat6")),
      arp_(source.open("/proc/net/arp")),
      tcp_{source.open("/proc/net/tcp"), source.open("/proc/net/tcp6")} {}

void SocketsCollector::read_sockstat(SourceFile& file) {
  const auto text = file.read();
  if (!text) return;
  for (TextScanner lines(*text); !lines.done();) {
    TextScanner words(lines.line());  // TCP: inuse 1 orphan 0 tw 2 alloc 1 mem 1
    std::string_view protocol = words.word();
    if (!protocol.ends_with(':')) continue;
    protocol.remove_suffix(1);
    for (std::string_view name = words.word(); !name.empty(); name = words.word()) {
      if (entries_.size() >= kMaxEntries) return;
      entries_.push_back({std::string(protocol), std::string(name), words.number()});
    }
  }
}

std::int64_t SocketsCollector::find(std::string_view protocol, std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (entry.protocol == protocol && entry.name == name) return as_int(entry.value);
  }
  return 0;
}

void SocketsCollector::read_tcp_states() {
  states_ = source_.tcp_states();
  if (states_) return;
  TcpStates counted;
  bool any = false;
  for (const auto& file : tcp_) {
    const auto text = file->read();
    if (!text) continue;
    any = true;
    count_tcp_states(*text, counted);
  }
  if (any) states_ = counted;
}

void SocketsCollector::read_arp() {
  arp_entries_.clear();
  const auto text = arp_->read();
  if (!text) return;
  TextScanner lines(*text);
  lines.line();  // headings
  while (!lines.done()) {
    TextScanner words(lines.line());  // address type flags hardware-address mask device
    words.skip(5);
    const std::string_view device = words.word();
    if (!device.empty() && arp_entries_.size() < kMaxArpDevices)
      ++arp_entries_[std::string(device)];
  }
}

bool SocketsCollector::sample(const Sample& sample) {
  entries_.clear();
  read_sockstat(*sockstat_);
  read_sockstat(*sockstat6_);
  read_tcp_states();
  read_arp();
  if (entries_.empty() && !states_) return false;
  std::array<Field, 16> fields = {
      Field{"used", find("sockets", "used")},
      Field{"tcp_in_use", find("TCP", "inuse") + find("TCP6", "inuse")},
      Field{"tcp_orphans", find("TCP", "orphan")},
      Field{"tcp_memory_bytes",
            find("TCP", "mem") * static_cast<std::int64_t>(source_.page_bytes())},
      Field{"udp_in_use", find("UDP", "inuse") + find("UDP6", "inuse")},
      Field{"udp_memory_bytes",
            find("UDP", "mem") * static_cast<std::int64_t>(source_.page_bytes())},
      Field{"raw_in_use", find("RAW", "inuse") + find("RAW6", "inuse")}};
  std::size_t count = 7;
  if (states_) {
    const auto add = [&](std::string_view name, State state) {
      fields[count++] = Field{name, as_int(states_->count[state])};
    };
    add("tcp_established", kEstablished);
    add("tcp_listen", kListen);
    add("tcp_time_wait", kTimeWait);
    add("tcp_close_wait", kCloseWait);
    add("tcp_syn_sent", kSynSent);
    add("tcp_syn_received", kSynReceived);
  }
  sample.add("sockets", std::span<const Field>(fields).first(count));
  return true;
}

void SocketsCollector::expose(Exposition& page) const {
  for (const Entry& entry : entries_) {
    const std::string name = fmt::format("node_sockstat_{}_{}", entry.protocol, entry.name);
    const std::string help =
        fmt::format("Number of {} sockets in state {}.", entry.protocol, entry.name);
    page.gauge(name, help).add(entry.value);
    if (entry.name != "mem") continue;
    const std::string bytes = fmt::format("{}_bytes", name);
    page.gauge(bytes, help).add(entry.value * source_.page_bytes());
  }
  if (states_) {
    page.gauge("node_tcp_connection_states", "Number of connection states.");
    for (std::size_t state = 1; state < kStateNames.size(); ++state)
      page.add({{"state", kStateNames[state]}}, states_->count[state]);
  }
  page.gauge("node_arp_entries", "ARP entries by device");
  for (const auto& [device, count] : arp_entries_) page.add({{"device", device}}, count);
}

}  // namespace livedata::collect::host
