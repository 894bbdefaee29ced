#include "collect/host/protocol.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "collect/host/text_scan.h"

namespace livedata::collect::host {
namespace {

// node_exporter's default --collector.netstat.fields, and what a network that drops shows.
constexpr std::array<std::string_view, 44> kShown = {"Icmp6_InErrors",
                                                     "Icmp6_InMsgs",
                                                     "Icmp6_OutMsgs",
                                                     "Icmp_InErrors",
                                                     "Icmp_InMsgs",
                                                     "Icmp_OutMsgs",
                                                     "Ip6_InOctets",
                                                     "Ip6_OutOctets",
                                                     "IpExt_InOctets",
                                                     "IpExt_OutOctets",
                                                     "Ip_Forwarding",
                                                     "TcpExt_ListenDrops",
                                                     "TcpExt_ListenOverflows",
                                                     "TcpExt_SyncookiesFailed",
                                                     "TcpExt_SyncookiesRecv",
                                                     "TcpExt_SyncookiesSent",
                                                     "TcpExt_TCPOFOQueue",
                                                     "TcpExt_TCPRcvQDrop",
                                                     "TcpExt_TCPSynRetrans",
                                                     "TcpExt_TCPTimeouts",
                                                     "Tcp_ActiveOpens",
                                                     "Tcp_CurrEstab",
                                                     "Tcp_InErrs",
                                                     "Tcp_InSegs",
                                                     "Tcp_OutRsts",
                                                     "Tcp_OutSegs",
                                                     "Tcp_PassiveOpens",
                                                     "Tcp_RetransSegs",
                                                     "Tcp_AttemptFails",
                                                     "Tcp_EstabResets",
                                                     "Udp6_InDatagrams",
                                                     "Udp6_InErrors",
                                                     "Udp6_NoPorts",
                                                     "Udp6_OutDatagrams",
                                                     "Udp6_RcvbufErrors",
                                                     "Udp6_SndbufErrors",
                                                     "UdpLite6_InErrors",
                                                     "UdpLite_InErrors",
                                                     "Udp_InDatagrams",
                                                     "Udp_InErrors",
                                                     "Udp_NoPorts",
                                                     "Udp_OutDatagrams",
                                                     "Udp_RcvbufErrors",
                                                     "Udp_SndbufErrors"};

bool is_shown(std::string_view name) {
  return std::find(kShown.begin(), kShown.end(), name) != kShown.end();
}

std::string key(std::string_view protocol, std::string_view name) {
  return fmt::format("{}_{}", protocol, name);
}

std::optional<std::uint64_t> read_number(SourceFile& file) {
  const auto text = file.read();
  if (!text) return std::nullopt;
  return to_number<std::uint64_t>(trimmed(*text));
}

/// What a record of the source `protocol` has; several counters are added up.
struct RateField {
  std::string_view field;
  std::array<std::string_view, 2> counters;
};
constexpr std::array<RateField, 22> kRates = {{
    {"tcp_segments_received_per_second", {"Tcp_InSegs", ""}},
    {"tcp_segments_sent_per_second", {"Tcp_OutSegs", ""}},
    {"tcp_retransmits_per_second", {"Tcp_RetransSegs", ""}},
    {"tcp_active_opens_per_second", {"Tcp_ActiveOpens", ""}},
    {"tcp_passive_opens_per_second", {"Tcp_PassiveOpens", ""}},
    {"tcp_failed_attempts_per_second", {"Tcp_AttemptFails", ""}},
    {"tcp_resets_received_per_second", {"Tcp_EstabResets", ""}},
    {"tcp_resets_sent_per_second", {"Tcp_OutRsts", ""}},
    {"tcp_errors_per_second", {"Tcp_InErrs", ""}},
    {"tcp_timeouts_per_second", {"TcpExt_TCPTimeouts", ""}},
    {"tcp_syn_retransmits_per_second", {"TcpExt_TCPSynRetrans", ""}},
    {"tcp_listen_drops_per_second", {"TcpExt_ListenDrops", ""}},
    {"tcp_listen_overflows_per_second", {"TcpExt_ListenOverflows", ""}},
    {"tcp_receive_queue_drops_per_second", {"TcpExt_TCPRcvQDrop", ""}},
    {"udp_received_per_second", {"Udp_InDatagrams", "Udp6_InDatagrams"}},
    {"udp_sent_per_second", {"Udp_OutDatagrams", "Udp6_OutDatagrams"}},
    {"udp_errors_per_second", {"Udp_InErrors", "Udp6_InErrors"}},
    {"udp_no_ports_per_second", {"Udp_NoPorts", "Udp6_NoPorts"}},
    {"udp_buffer_errors_per_second", {"Udp_RcvbufErrors", "Udp6_RcvbufErrors"}},
    {"icmp_received_per_second", {"Icmp_InMsgs", "Icmp6_InMsgs"}},
    {"icmp_sent_per_second", {"Icmp_OutMsgs", "Icmp6_OutMsgs"}},
    {"icmp_errors_per_second", {"Icmp_InErrors", "Icmp6_InErrors"}},
}};

std::uint64_t hexadecimal(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

}  // namespace

void each_snmp_pair(
    std::string_view text,
    const std::function<void(std::string_view, std::string_view, std::string_view)>& pair) {
  for (TextScanner lines(text); !lines.done();) {
    TextScanner names(lines.line());
    TextScanner values(lines.line());
    std::string_view protocol = names.word();
    if (protocol != values.word() || !protocol.ends_with(':')) continue;
    protocol.remove_suffix(1);
    for (std::string_view name = names.word(); !name.empty(); name = names.word()) {
      const std::string_view value = values.word();
      if (value.empty()) break;
      pair(protocol, name, value);
    }
  }
}

ProtocolCollector::ProtocolCollector(HostSource& source)
    : snmp_(source.open("/proc/net/snmp")),
      netstat_(source.open("/proc/net/netstat")),
      snmp6_(source.open("/proc/net/snmp6")),
      softnet_file_(source.open("/proc/net/softnet_stat")),
      conntrack_count_(source.open("/proc/sys/net/netfilter/nf_conntrack_count")),
      conntrack_max_(source.open("/proc/sys/net/netfilter/nf_conntrack_max")) {}

void ProtocolCollector::read_pairs(SourceFile& file, Counters& counters) {
  const auto text = file.read();
  if (!text) return;
  each_snmp_pair(*text,
                 [&](std::string_view protocol, std::string_view name, std::string_view value) {
                   std::string known = key(protocol, name);
                   if (is_shown(known))
                     counters.insert_or_assign(std::move(known), to_number<std::uint64_t>(value));
                 });
}

void ProtocolCollector::read_snmp6(Counters& counters) {
  const auto text = snmp6_->read();
  if (!text) return;
  for (TextScanner lines(*text); !lines.done();) {
    TextScanner words(lines.line());  // Udp6InDatagrams  123
    const std::string_view name = words.word();
    const std::size_t six = name.find('6');
    if (six == std::string_view::npos) continue;
    std::string known = key(name.substr(0, six + 1), name.substr(six + 1));
    if (is_shown(known)) counters.insert_or_assign(std::move(known), words.number());
  }
}

void ProtocolCollector::read_softnet() {
  softnet_.clear();
  const auto text = softnet_file_->read();
  if (!text) return;
  for (TextScanner lines(*text); !lines.done();) {
    TextScanner words(lines.line());  // in hexadecimal: processed dropped squeezed ...
    Softnet cpu;
    cpu.processed = hexadecimal(words.word());
    cpu.dropped = hexadecimal(words.word());
    cpu.squeezed = hexadecimal(words.word());
    softnet_.push_back(cpu);
  }
}

void ProtocolCollector::read_conntrack() {
  conntrack_entries_ = read_number(*conntrack_count_);
  conntrack_limit_ = read_number(*conntrack_max_);
}

bool ProtocolCollector::sample(const Sample& sample) {
  const Counters before = std::exchange(now_, {});
  read_pairs(*snmp_, now_);
  read_pairs(*netstat_, now_);
  read_snmp6(now_);
  std::uint64_t dropped_before = 0;
  for (const Softnet& cpu : softnet_) dropped_before += cpu.dropped;
  read_softnet();
  read_conntrack();
  if (now_.empty()) return false;
  const double seconds = interval_.next(sample.steady);
  if (seconds <= 0 || before.empty()) return true;
  const auto increase = [&](std::string_view name) {
    const auto from = before.find(name);
    const auto to = now_.find(name);
    if (name.empty() || from == before.end() || to == now_.end()) return 0.0;
    return static_cast<double>(counter_increase(from->second, to->second));
  };
  std::array<Field, kRates.size() + 5> fields;
  std::size_t count = 0;
  for (const RateField& rate : kRates) {
    const double sum = increase(rate.counters[0]) + increase(rate.counters[1]);
    fields[count++] = Field{rate.field, rounded(sum / seconds)};
  }
  const double sent = increase("Tcp_OutSegs");
  fields[count++] = Field{"tcp_retransmitted_percent", percent(increase("Tcp_RetransSegs"), sent)};
  const auto established = now_.find("Tcp_CurrEstab");
  fields[count++] =
      Field{"tcp_established", established == now_.end() ? 0 : as_int(established->second)};
  std::uint64_t dropped = 0;
  for (const Softnet& cpu : softnet_) dropped += cpu.dropped;
  fields[count++] =
      Field{"backlog_drops_per_second",
            rounded(static_cast<double>(counter_increase(dropped_before, dropped)) / seconds)};
  if (conntrack_entries_ && conntrack_limit_) {
    fields[count++] = Field{"tracked_connections", as_int(*conntrack_entries_)};
    fields[count++] = Field{"tracked_connections_limit", as_int(*conntrack_limit_)};
  }
  sample.add("protocol", std::span<const Field>(fields).first(count));
  return true;
}

void ProtocolCollector::expose(Exposition& page) const {
  for (const auto& [counter, value] : now_) {
    const std::string name = fmt::format("node_netstat_{}", counter);
    std::string shown = counter;
    std::replace(shown.begin(), shown.end(), '_', ' ');
    const std::string help = fmt::format("Statistic {}.", shown);
    page.family(name, MetricType::kUntyped, help).add(value);
  }
  const auto softnet = [&](std::string_view name, std::string_view help, auto member) {
    page.counter(name, help);
    for (std::size_t cpu = 0; cpu < softnet_.size(); ++cpu)
      page.add({{"cpu", std::to_string(cpu)}}, softnet_[cpu].*member);
  };
  softnet("node_softnet_processed_total", "Number of processed packets", &Softnet::processed);
  softnet("node_softnet_dropped_total", "Number of dropped packets", &Softnet::dropped);
  softnet("node_softnet_times_squeezed_total",
          "Number of times processing packets ran out of quota", &Softnet::squeezed);
  if (conntrack_entries_) {
    page.gauge("node_nf_conntrack_entries",
               "Number of currently allocated flow entries for connection tracking.")
        .add(*conntrack_entries_);
  }
  if (conntrack_limit_) {
    page.gauge("node_nf_conntrack_entries_limit", "Maximum size of connection tracking table.")
        .add(*conntrack_limit_);
  }
}

}  // namespace livedata::collect::host
