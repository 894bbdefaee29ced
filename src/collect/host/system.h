#pragma once

#include <vector>

#include "collect/host/collector.h"
#include "collect/host/host_source.h"

namespace livedata::collect::host {

/// Uptime, file handles, entropy, the clock, who is logged in, and what kind of machine it is:
/// source `system`; source `login` has a record for each session.
class SystemCollector final : public Collector {
 public:
  explicit SystemCollector(HostSource& source);
  bool sample(const Sample& sample) override;
  void expose(Exposition& page) const override;

 private:
  struct Login {
    std::string user, terminal, from;
    std::int64_t pid = 0;
    TimestampNs since = 0;
  };
  /// What stays as it is until the next boot.
  struct Identity {
    std::string system, release, version, node, domain, machine;
    std::map<std::string, std::string, std::less<>> os;  ///< /etc/os-release
  };
  void read_identity();
  void read_logins();
  void read_sessions();
  void parse_utmp(std::string_view bytes);
  std::string line_of(const std::string& path);

  HostSource& source_;
  std::unique_ptr<SourceFile> uptime_, file_handles_, entropy_, entropy_pool_;
  double uptime_seconds_ = 0;
  std::optional<std::uint64_t> handles_, handles_limit_, entropy_bits_, entropy_pool_bits_;
  std::optional<ClockStatus> clock_;
  std::vector<Login> logins_;
  Identity identity_;
  TimestampNs sampled_at_ = 0;
};

/// The lines NAME=value or NAME="value" of /etc/os-release (os-release(5)).
std::map<std::string, std::string, std::less<>> parse_os_release(std::string_view text);

}  // namespace livedata::collect::host
