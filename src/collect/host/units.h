#pragma once

#include "collect/host/collector.h"
#include "collect/host/host_source.h"

namespace livedata::collect::host {

/// Units of systemd. Source `systemd`: how many are in which state. Source `unit`: a record for
/// each unit that has changed its state or was restarted since the last round, for each failed one
/// every round, and every tenth round for each service.
class UnitsCollector final : public Collector {
 public:
  explicit UnitsCollector(HostSource& source) : source_(source) {}
  bool sample(const Sample& sample) override;
  void expose(Exposition& page) const override;

 private:
  HostSource& source_;
  std::uint64_t rounds_ = 0;
  std::map<std::string, UnitState, std::less<>> units_;
};

}  // namespace livedata::collect::host
