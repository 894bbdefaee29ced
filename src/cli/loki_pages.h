#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/record_batch.h"

namespace livedata::cli {

/// How far an import has come: everything before `time` was taken, and of the entries at `time`
/// those with these hashes.
struct PagePosition {
  TimestampNs time = 0;
  std::vector<std::uint64_t> taken;
};

/// Reads all lines of a log query from a server with Loki's API, page by page, oldest first. A page
/// ends in the middle of the entries of one nanosecond, so the next one starts with that
/// nanosecond again, and what was taken of it is left out. Not thread-safe.
class LokiPages {
 public:
  /// The answer of query_range with direction=forward, start included and end not.
  using Fetch =
      std::function<Result<std::string>(TimestampNs start, TimestampNs end, std::size_t limit)>;
  struct Options {
    PagePosition from;
    TimestampNs to = 0;
    /// Servers bound the range of a query, and read all of it.
    TimestampNs window = 24 * 3600 * kNsPerSecond;
    std::size_t limit = 5000;
  };
  LokiPages(Options options, Fetch fetch)
      : options_(std::move(options)), fetch_(std::move(fetch)), position_(options_.from) {}

  /// The records of the next page, labels as in the stream and structured metadata as fields;
  /// nothing at the end. May be empty.
  Result<std::optional<RecordBatch>> next();
  /// Behind what next() has given.
  [[nodiscard]] const PagePosition& position() const { return position_; }

 private:
  struct Page;
  Result<Page> read_page(std::string_view answer) const;

  Options options_;
  Fetch fetch_;
  PagePosition position_;
};

}  // namespace livedata::cli
