#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace livedata::collect::host {

/// Readings of devices that come and go, by name: this round's and the one before. Bounded.
template <class Reading>
class DeviceTable {
 public:
  static constexpr std::size_t kMaxDevices = 8192;

  struct Device {
    Reading before{};
    Reading now{};
    bool has_before = false;
    std::uint64_t round = 0;
  };

  void begin_round() { ++round_; }
  /// The device, with `now` of the last round moved to `before`; to be filled by the caller.
  /// nullptr: there are too many, or the round has it already.
  Device* next(std::string_view name) {
    auto found = devices_.find(name);
    if (found == devices_.end()) {
      if (devices_.size() >= kMaxDevices) return nullptr;
      found = devices_.emplace(name, Device{}).first;
    } else if (found->second.round == round_) {
      return nullptr;
    } else {
      found->second.before = found->second.now;
      found->second.has_before = true;
    }
    found->second.round = round_;
    return &found->second;
  }
  /// Forgets what has not been there in this round.
  void end_round() {
    std::erase_if(devices_, [this](const auto& entry) { return entry.second.round != round_; });
  }

  [[nodiscard]] auto begin() const { return devices_.begin(); }
  [[nodiscard]] auto end() const { return devices_.end(); }
  [[nodiscard]] auto begin() { return devices_.begin(); }
  [[nodiscard]] auto end() { return devices_.end(); }
  [[nodiscard]] bool empty() const { return devices_.empty(); }
  [[nodiscard]] std::size_t size() const { return devices_.size(); }

 private:
  std::uint64_t round_ = 0;
  std::map<std::string, Device, std::less<>> devices_;
};

}  // namespace livedata::collect::host
