#include "collect/memory.h"

#include <array>
#include <charconv>

namespace livedata::collect {

bool MemorySampler::sample(const Sample& sample) {
  const auto text = meminfo_.read();
  if (!text) return false;
  struct Entry {
    std::string_view name;
    std::int64_t bytes = 0;
  };
  std::array entries = {Entry{"MemTotal:"}, Entry{"MemFree:"}, Entry{"MemAvailable:"},
                        Entry{"Buffers:"},  Entry{"Cached:"},  Entry{"SwapTotal:"},
                        Entry{"SwapFree:"}};
  for (TextScanner lines(*text); !lines.done();) {
    TextScanner words(lines.line());
    const std::string_view name = words.word();
    for (Entry& entry : entries) {
      if (entry.name == name) entry.bytes = static_cast<std::int64_t>(words.number()) * 1024;
    }
  }
  const auto& [total, free, available, buffers, cached, swap_total, swap_free] = entries;
  if (total.bytes == 0) return false;
  const std::int64_t used = total.bytes - available.bytes;
  const std::array fields = {Field{"total_bytes", total.bytes},
                             Field{"used_bytes", used},
                             Field{"available_bytes", available.bytes},
                             Field{"free_bytes", free.bytes},
                             Field{"cached_bytes", cached.bytes},
                             Field{"buffers_bytes", buffers.bytes},
                             Field{"swap_total_bytes", swap_total.bytes},
                             Field{"swap_used_bytes", swap_total.bytes - swap_free.bytes},
                             Field{"used_percent", rounded(100.0 * static_cast<double>(used) /
                                                           static_cast<double>(total.bytes))}};
  sample.add("memory", fields);
  return true;
}

bool LoadSampler::sample(const Sample& sample) {
  const auto text = loadavg_.read();
  if (!text) return false;
  TextScanner words(*text);
  const auto decimal = [&words] {
    const std::string_view word = words.word();
    double value = 0;
    std::from_chars(word.data(), word.data() + word.size(), value);
    return value;
  };
  const double load1 = decimal();
  const double load5 = decimal();
  const double load15 = decimal();
  const std::string_view tasks = words.word();  // running/all
  std::int64_t running = 0;
  std::int64_t all = 0;
  const char* end = tasks.data() + tasks.size();
  const auto parsed = std::from_chars(tasks.data(), end, running);
  if (parsed.ptr != end) std::from_chars(parsed.ptr + 1, end, all);
  const std::array fields = {Field{"load1", load1}, Field{"load5", load5}, Field{"load15", load15},
                             Field{"runnable", running}, Field{"tasks", all}};
  sample.add("load", fields);
  return true;
}

}  // namespace livedata::collect
