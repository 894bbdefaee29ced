#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/journal/entry.h"

namespace livedata::collect {

/// Which entries of a journal are wanted. Immutable.
class JournalFilter {
 public:
  /// All of them.
  JournalFilter() = default;
  /// `units` and `excluded` are patterns such as `sshd.service` or `docker*`, separated by commas
  /// or blanks; they are held against the unit and against the service's name. No units: all. A
  /// pattern `kernel` is the kernel's messages. `priority` is the least severe one that is wanted,
  /// by name or number, as journalctl takes it. kInvalidArgument for what is none.
  static Result<JournalFilter> parse(std::string_view units, std::string_view excluded,
                                     std::string_view priority);

  [[nodiscard]] bool wants(const ingest::journal::Entry& entry) const;

 private:
  std::vector<std::string> units_;
  std::vector<std::string> excluded_;
  int max_priority_ = 7;
};

}  // namespace livedata::collect
