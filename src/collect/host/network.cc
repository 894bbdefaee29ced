#include "collect/host/network.h"

#include <algorithm>

#include <fmt/core.h>

#include "collect/host/text_scan.h"

namespace livedata::collect::host {
namespace {

constexpr std::size_t kMaxInterfaces = 1024;

struct NetFamily {
  std::string_view name;
  std::string_view help;
  std::size_t column;
};
constexpr std::array<NetFamily, 16> kNetFamilies = {{
    {"node_network_receive_bytes_total", "Network device statistic receive_bytes.", 0},
    {"node_network_receive_packets_total", "Network device statistic receive_packets.", 1},
    {"node_network_receive_errs_total", "Network device statistic receive_errs.", 2},
    {"node_network_receive_drop_total", "Network device statistic receive_drop.", 3},
    {"node_network_receive_fifo_total", "Network device statistic receive_fifo.", 4},
    {"node_network_receive_frame_total", "Network device statistic receive_frame.", 5},
    {"node_network_receive_compressed_total", "Network device statistic receive_compressed.", 6},
    {"node_network_receive_multicast_total", "Network device statistic receive_multicast.", 7},
    {"node_network_transmit_bytes_total", "Network device statistic transmit_bytes.", 8},
    {"node_network_transmit_packets_total", "Network device statistic transmit_packets.", 9},
    {"node_network_transmit_errs_total", "Network device statistic transmit_errs.", 10},
    {"node_network_transmit_drop_total", "Network device statistic transmit_drop.", 11},
    {"node_network_transmit_fifo_total", "Network device statistic transmit_fifo.", 12},
    {"node_network_transmit_colls_total", "Network device statistic transmit_colls.", 13},
    {"node_network_transmit_carrier_total", "Network device statistic transmit_carrier.", 14},
    {"node_network_transmit_compressed_total", "Network device statistic transmit_compressed.", 15},
}};

struct Attribute {
  std::string_view file;
  std::string_view family;
  std::string_view help;
  MetricType type;
  std::int64_t unit = 1;
};
enum Attributes { kMtu, kSpeed, kCarrier, kCarrierChanges };
constexpr std::array<Attribute, InterfaceCollector::kNumbers> kAttributes = {{
    {"mtu", "node_network_mtu_bytes", "Network device property: mtu_bytes", MetricType::kGauge},
    // Megabits per second.
    {"speed", "node_network_speed_bytes", "Network device property: speed_bytes",
     MetricType::kGauge, 125'000},
    {"carrier", "node_network_carrier", "Network device property: carrier", MetricType::kGauge},
    {"carrier_changes", "node_network_carrier_changes_total",
     "Network device property: carrier_changes_total", MetricType::kCounter},
    {"carrier_up_count", "node_network_carrier_up_changes_total",
     "Network device property: carrier_up_changes_total", MetricType::kCounter},
    {"carrier_down_count", "node_network_carrier_down_changes_total",
     "Network device property: carrier_down_changes_total", MetricType::kCounter},
    {"addr_assign_type", "node_network_address_assign_type",
     "Network device property: address_assign_type", MetricType::kGauge},
    {"dev_id", "node_network_device_id", "Network device property: device_id", MetricType::kGauge},
    {"dormant", "node_network_dormant", "Network device property: dormant", MetricType::kGauge},
    {"flags", "node_network_flags", "Network device property: flags", MetricType::kGauge},
    {"ifindex", "node_network_iface_id", "Network device property: iface_id", MetricType::kGauge},
    {"iflink", "node_network_iface_link", "Network device property: iface_link",
     MetricType::kGauge},
    {"link_mode", "node_network_iface_link_mode", "Network device property: iface_link_mode",
     MetricType::kGauge},
    {"name_assign_type", "node_network_name_assign_type",
     "Network device property: name_assign_type", MetricType::kGauge},
    {"netdev_group", "node_network_net_dev_group", "Network device property: net_dev_group",
     MetricType::kGauge},
    {"type", "node_network_protocol_type", "Network device property: protocol_type",
     MetricType::kGauge},
    {"tx_queue_len", "node_network_transmit_queue_length",
     "Network device property: transmit_queue_length", MetricType::kGauge},
}};

/// Decimal, or hexadecimal with 0x in front, as sysfs writes flags.
std::optional<std::int64_t> parse_attribute(std::string_view text) {
  text = trimmed(text);
  const bool hexadecimal = text.starts_with("0x");
  if (hexadecimal) text.remove_prefix(2);
  std::int64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, hexadecimal ? 16 : 10);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

bool NetworkCollector::sample(const Sample& sample) {
  const auto text = dev_->read();
  if (!text) return false;
  const double seconds = interval_.next(sample.steady);
  interfaces_.begin_round();
  for (TextScanner lines(*text); !lines.done();) {
    const std::string_view line = lines.line();
    // The name may hold a colon of its own (an alias).
    const std::size_t colon = line.rfind(':');
    if (colon == std::string_view::npos) continue;  // the two lines of headings
    const std::string_view name = TextScanner(line.substr(0, colon)).word();
    auto* const interface = interfaces_.next(name);
    if (interface == nullptr) continue;
    TextScanner words(line.substr(colon + 1));
    for (std::uint64_t& counter : interface->now) counter = words.number();
    const Counters& now = interface->now;
    if (name == "lo" || !interface->has_before || seconds <= 0 ||
        std::all_of(now.begin(), now.end(), [](std::uint64_t c) { return c == 0; }))
      continue;
    const auto rate = [&](std::size_t i) {
      return static_cast<double>(counter_increase(interface->before[i], now[i])) / seconds;
    };
    sample.add("network",
               {Field{"interface", name}, Field{"received_bytes_per_second", rounded(rate(0))},
                Field{"received_packets_per_second", rounded(rate(1))},
                Field{"sent_bytes_per_second", rounded(rate(8))},
                Field{"sent_packets_per_second", rounded(rate(9))},
                Field{"errors_per_second", rounded(rate(2) + rate(10))},
                Field{"drops_per_second", rounded(rate(3) + rate(11))},
                Field{"collisions_per_second", rounded(rate(13))}});
  }
  interfaces_.end_round();
  return true;
}

void NetworkCollector::expose(Exposition& page) const {
  for (const NetFamily& family : kNetFamilies) {
    page.counter(family.name, family.help);
    for (const auto& [name, interface] : interfaces_)
      page.add({{"device", name}}, interface.now[family.column]);
  }
}

InterfaceCollector::Interface InterfaceCollector::read(std::string name) {
  Interface interface;
  interface.name = std::move(name);
  std::string buffer;
  const auto attribute = [&](std::string_view file) {
    const auto text =
        source_.read(fmt::format("/sys/class/net/{}/{}", interface.name, file), buffer);
    return trimmed(text.value_or(""));
  };
  interface.operstate = attribute("operstate");
  interface.address = attribute("address");
  interface.broadcast = attribute("broadcast");
  interface.duplex = attribute("duplex");
  interface.alias = attribute("ifalias");
  for (std::size_t i = 0; i < kNumbers; ++i)
    interface.numbers[i] = parse_attribute(attribute(kAttributes[i].file));
  return interface;
}

bool InterfaceCollector::sample(const Sample& sample) {
  std::vector<std::string> names;
  interfaces_.clear();
  if (!source_.list("/sys/class/net", [&names](std::string_view name) {
        if (names.size() < kMaxInterfaces) names.emplace_back(name);
      }))
    return false;
  std::sort(names.begin(), names.end());
  for (std::string& name : names) {
    interfaces_.push_back(read(std::move(name)));
    const Interface& interface = interfaces_.back();
    if (interface.operstate.empty()) continue;  // a file, such as bonding_masters
    const std::int64_t speed = interface.numbers[kSpeed].value_or(0);
    sample.add("interface",
               {Field{"interface", std::string_view(interface.name)},
                Field{"state", std::string_view(interface.operstate)},
                Field{"address", std::string_view(interface.address)},
                Field{"mtu_bytes", interface.numbers[kMtu].value_or(0)},
                Field{"speed_bits_per_second", speed > 0 ? speed * 1'000'000 : 0},
                Field{"carrier", interface.numbers[kCarrier].value_or(0) == 1},
                Field{"carrier_changes", interface.numbers[kCarrierChanges].value_or(0)}});
  }
  return true;
}

void InterfaceCollector::expose(Exposition& page) const {
  page.gauge("node_network_info",
             "Non-numeric data from /sys/class/net/<iface>, value is always 1.");
  for (const Interface& i : interfaces_) {
    page.add({{"address", i.address},
              {"broadcast", i.broadcast},
              {"device", i.name},
              {"duplex", i.duplex},
              {"ifalias", i.alias},
              {"operstate", i.operstate}},
             1);
  }
  page.gauge("node_network_up", "Value is 1 if operstate is 'up', 0 otherwise.");
  for (const Interface& i : interfaces_)
    page.add({{"device", i.name}}, i.operstate == "up" ? 1 : 0);
  for (std::size_t n = 0; n < kNumbers; ++n) {
    page.family(kAttributes[n].family, kAttributes[n].type, kAttributes[n].help);
    for (const Interface& i : interfaces_) {
      const auto number = i.numbers[n];
      if (!number || *number > INT64_MAX / 125'000 || *number < INT64_MIN / 125'000) continue;
      page.add({{"device", i.name}}, *number * kAttributes[n].unit);
    }
  }
}

}  // namespace livedata::collect::host
