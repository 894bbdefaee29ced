#include "app/limit_options.h"

namespace livedata {

Limits limits_of(const Config& config) {
  Limits limits;
  limits.max_line_bytes = config.max_line_bytes;
  limits.line_too_long = config.truncate_lines ? LineTooLong::kTruncate : LineTooLong::kReject;
  limits.max_label_names = config.max_label_names;
  limits.max_label_name_bytes = config.max_label_name_bytes;
  limits.max_label_value_bytes = config.max_label_value_bytes;
  limits.max_label_values = config.max_label_values;
  limits.max_fields = config.max_fields;
  limits.max_fields_bytes = config.max_fields_bytes;
  limits.max_future = config.max_future;
  limits.max_age = config.max_age;
  limits.max_records = config.max_records;
  limits.max_body_bytes = config.max_body_bytes;
  limits.max_expanded_body_bytes = config.max_expanded_body_bytes;
  limits.max_expansion_ratio = config.max_expansion_ratio;
  return limits;
}

query::sql::EngineLimits sql_limits(const Config& config) {
  query::sql::EngineLimits limits;
  limits.memory_bytes = config.sql_memory_bytes;
  limits.threads = config.sql_threads;
  limits.max_rows = config.sql_max_rows;
  limits.max_running = config.sql_max_running;
  limits.timeout = config.sql_timeout;
  return limits;
}

}  // namespace livedata
