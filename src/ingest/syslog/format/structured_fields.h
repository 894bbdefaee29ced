#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ingest/syslog/format/structured_data.h"
#include "model/limits.h"
#include "model/record_batch.h"

namespace livedata::ingest::syslog {

/// Makes fields of structured data: ID_NAME, and ID_NAME_2 where an id has a parameter again. Not
/// thread-safe.
class StructuredFields {
 public:
  /// False, and nothing is added, when there is more of it than a record may have. What is added is
  /// valid until the next call.
  bool add_to(std::vector<Field>& fields, std::string_view text, const Limits& limits);

 private:
  [[nodiscard]] static bool measure(std::string_view text, const Limits& limits,
                                    std::size_t& bytes);
  bool add(const StructuredDataReader::Parameter& parameter, std::vector<Field>& fields);

  std::string unescaped_;
  std::vector<std::string_view> names_;  // before a number is put behind
};

}  // namespace livedata::ingest::syslog
