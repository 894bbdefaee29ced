#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "model/label_matcher.h"
#include "model/record_batch.h"
#include "model/time_range.h"
#include "storage/store.h"

namespace livedata::cli {

/// Records on their way from somewhere. Not thread-safe.
class RecordStream {
 public:
  virtual ~RecordStream() = default;
  /// The next records; null at the end.
  virtual Result<std::shared_ptr<const RecordBatch>> next() = 0;
};

/// What a server gives for a request of /api/v1/records.
Result<std::unique_ptr<RecordStream>> stream_from_server(const std::string& address,
                                                         const std::string& target,
                                                         const Deadline& deadline);

/// The records of a store, which it keeps.
std::unique_ptr<RecordStream> stream_from_store(std::shared_ptr<const storage::Store> store,
                                                const TimeRange& range,
                                                std::vector<LabelMatcher> matchers,
                                                const Deadline& deadline);

}  // namespace livedata::cli
