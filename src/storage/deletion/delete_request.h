#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "encoding/byte_reader.h"
#include "encoding/byte_writer.h"
#include "model/label_matcher.h"
#include "model/time_range.h"

namespace re2 {
class RE2;
}

namespace livedata::storage {

/// One condition on a line: `|=`, `!=`, `|~` or `!~` of LogQL. Immutable; copies share the regex.
class LineCondition {
 public:
  enum class Op : std::uint8_t { kContains = 0, kContainsNot = 1, kMatches = 2, kMatchesNot = 3 };

  /// kInvalidArgument for a regex that does not compile.
  static Result<LineCondition> make(Op op, std::string text);

  [[nodiscard]] bool accepts(std::string_view line) const;
  [[nodiscard]] Op op() const { return op_; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  LineCondition(Op op, std::string text, std::shared_ptr<const re2::RE2> regex)
      : op_(op), text_(std::move(text)), regex_(std::move(regex)) {}

  Op op_;
  std::string text_;
  std::shared_ptr<const re2::RE2> regex_;  // null for contains
};

/// What somebody wants deleted: records of a time range by labels and line. It holds for records
/// that were stored before it was made, and hides them at once; compaction then removes them from
/// the files.
struct DeleteRequest {
  std::uint64_t id = 0;  ///< rising; a source with a horizon of at least this is done with it
  TimestampNs created = 0;
  TimeRange range;
  std::vector<LabelMatcher> matchers = {};
  std::vector<LineCondition> lines = {};
  std::string query = {};  ///< as it was asked for, to be shown
  /// Number of the WAL file that was begun when the request was made: records in files before it
  /// are older than the request.
  std::uint64_t wal_file = 0;
  bool is_processed = false;  ///< no file holds its records any more

  [[nodiscard]] bool matches_line(std::string_view line) const;
};

/// The horizon of records in a WAL file: id of the last request that was made before them.
std::uint64_t horizon_of_wal_file(const std::vector<DeleteRequest>& requests,
                                  std::uint64_t wal_file);

void encode_delete_request(const DeleteRequest& request, encoding::ByteWriter& out);
/// kCorrupt for damage.
Result<DeleteRequest> decode_delete_request(encoding::ByteReader& in);

}  // namespace livedata::storage
