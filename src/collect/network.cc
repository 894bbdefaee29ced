#include "collect/network.h"

#include <algorithm>

namespace livedata::collect {

bool NetworkSampler::sample(const Sample& sample) {
  const auto text = dev_.read();
  if (!text) return false;
  const double seconds = interval_.next(sample.steady);
  for (TextScanner lines(*text); !lines.done();) {
    const std::string_view line = lines.line();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;  // the two lines of headings
    const std::string name(TextScanner(line.substr(0, colon)).word());
    TextScanner words(line.substr(colon + 1));
    Counters now{};
    for (std::uint64_t& counter : now) counter = words.number();
    if (name == "lo" || std::all_of(now.begin(), now.end(), [](std::uint64_t c) { return c == 0; }))
      continue;
    const auto [slot, is_new] = last_.try_emplace(name, now);
    const Counters before = slot->second;
    slot->second = now;
    if (is_new || seconds <= 0) continue;
    const auto rate = [&](std::size_t i) {
      return rounded(static_cast<double>(counter_increase(before[i], now[i])) / seconds);
    };
    const std::array fields = {Field{"interface", std::string_view(name)},
                               Field{"received_bytes_per_second", rate(0)},
                               Field{"received_packets_per_second", rate(1)},
                               Field{"sent_bytes_per_second", rate(8)},
                               Field{"sent_packets_per_second", rate(9)},
                               Field{"errors_per_second", rate(2) + rate(10)},
                               Field{"drops_per_second", rate(3) + rate(11)}};
    sample.add("network", fields);
  }
  return true;
}

}  // namespace livedata::collect
