#include "collect/disk.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <set>

namespace livedata::collect {
namespace {

// diskstats counts in sectors of this size whatever the disk's own is
// (Documentation/admin-guide/iostats).
constexpr double kSectorBytes = 512;

/// Undoes the octal escapes of spaces and such in a mount point.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octal = [&](std::size_t at) {
      return at < text.size() && text[at] >= '0' && text[at] <= '7';
    };
    if (text[i] == '\\' && octal(i + 1) && octal(i + 2) && octal(i + 3)) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                               (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

bool DiskSampler::is_whole_disk(const std::string& device) {
  const auto known = whole_.find(device);
  if (known != whole_.end()) return known->second;
  const bool pseudo =
      device.starts_with("loop") || device.starts_with("ram") || device.starts_with("zram");
  std::error_code error;
  const bool whole = !pseudo && std::filesystem::exists(block_folder_ / device, error);
  whole_.emplace(device, whole);
  return whole;
}

bool DiskSampler::sample(const Sample& sample) {
  const auto text = diskstats_.read();
  if (!text) return false;
  const double seconds = interval_.next(sample.steady);
  for (TextScanner lines(*text); !lines.done();) {
    // major minor name reads merged sectors ms writes merged sectors ms in-flight busy-ms
    TextScanner words(lines.line());
    words.skip(2);
    const std::string device(words.word());
    if (device.empty() || !is_whole_disk(device)) continue;
    Counters now;
    now.reads = words.number();
    words.skip(1);
    now.sectors_read = words.number();
    words.skip(1);
    now.writes = words.number();
    words.skip(1);
    now.sectors_written = words.number();
    words.skip(2);
    now.busy_ms = words.number();
    const auto [slot, is_new] = last_.try_emplace(device, now);
    const Counters before = slot->second;
    slot->second = now;
    if (is_new || seconds <= 0) continue;
    const auto rate = [seconds](std::uint64_t from, std::uint64_t to, double unit) {
      return rounded(static_cast<double>(counter_increase(from, to)) * unit / seconds);
    };
    const double busy = std::min(100.0, rate(before.busy_ms, now.busy_ms, 0.1));
    const std::array fields = {
        Field{"device", std::string_view(device)},
        Field{"read_bytes_per_second", rate(before.sectors_read, now.sectors_read, kSectorBytes)},
        Field{"written_bytes_per_second",
              rate(before.sectors_written, now.sectors_written, kSectorBytes)},
        Field{"reads_per_second", rate(before.reads, now.reads, 1)},
        Field{"writes_per_second", rate(before.writes, now.writes, 1)},
        Field{"busy_percent", busy}};
    sample.add("disk", fields);
  }
  return true;
}

bool FilesystemSampler::sample(const Sample& sample) {
  const auto text = mounts_.read();
  if (!text) return false;
  std::set<std::string, std::less<>> seen;
  for (TextScanner lines(*text); !lines.done();) {
    TextScanner words(lines.line());
    const std::string device(words.word());
    const std::string mount = unescape(words.word());
    const std::string type(words.word());
    // Real filesystems stand on a device file; bind mounts show the same device again.
    if (!device.starts_with("/dev/") || device.starts_with("/dev/loop") ||
        !seen.insert(device).second)
      continue;
    struct statvfs status{};
    if (::statvfs(mount.c_str(), &status) != 0 || status.f_blocks == 0) continue;
    const auto bytes = [&](auto blocks) {
      return static_cast<std::int64_t>(blocks) * static_cast<std::int64_t>(status.f_frsize);
    };
    const std::int64_t used = bytes(status.f_blocks - status.f_bfree);
    const std::int64_t usable = used + bytes(status.f_bavail);
    const std::array fields = {
        Field{"mount", std::string_view(mount)},
        Field{"device", std::string_view(device)},
        Field{"type", std::string_view(type)},
        Field{"total_bytes", bytes(status.f_blocks)},
        Field{"used_bytes", used},
        Field{"available_bytes", bytes(status.f_bavail)},
        Field{"used_percent", usable == 0 ? 0.0
                                          : rounded(100.0 * static_cast<double>(used) /
                                                    static_cast<double>(usable))}};
    sample.add("filesystem", fields);
  }
  return true;
}

}  // namespace livedata::collect
