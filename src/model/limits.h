#pragma once

#include <chrono>
#include <cstddef>

#include "base/bytes.h"

namespace livedata {

/// What becomes of a record whose line is longer than max_line_bytes.
enum class LineTooLong {
  kReject,
  kTruncate,  ///< it is cut between two characters, and gets a field with the length it had
};

/// What one tenant may send and ask for. Defaults are Loki's where Loki has the limit.
struct Limits {
  std::size_t max_body_bytes = 16_MiB;            ///< request body as received
  std::size_t max_expanded_body_bytes = 128_MiB;  ///< after decompression
  std::size_t max_expansion_ratio = 500;  ///< times its size a body may grow to; 0: no bound
  std::size_t max_records = 2'000'000;    ///< of one request
  std::size_t max_line_bytes = 256_KiB;
  LineTooLong line_too_long = LineTooLong::kReject;
  std::size_t max_label_names = 15;
  std::size_t max_label_name_bytes = 1024;
  std::size_t max_label_value_bytes = 2048;
  std::size_t max_label_values = 10'000;  ///< of one label within a day; 0: no bound
  std::size_t max_fields = 128;           ///< structured metadata entries of one record
  std::size_t max_fields_bytes = 64_KiB;
  std::chrono::nanoseconds max_future = std::chrono::minutes(10);
  std::chrono::nanoseconds max_age = std::chrono::nanoseconds(0);  ///< 0: any age is accepted

  std::size_t default_entries = 100;
  std::size_t max_entries = 5000;          ///< largest `limit` of a log query
  std::size_t max_points = 11000;          ///< steps of a metric query
  std::size_t max_series = 10000;          ///< series in one metric answer; the others are added up
  std::size_t max_query_bytes = 512_MiB;   ///< memory of one query's intermediate results
  std::size_t max_cache_bytes = 64_MiB;    ///< of results of metric queries, for all tenants
  std::size_t max_inner_values = 100'000;  ///< of a query within a query
  std::chrono::nanoseconds query_timeout = std::chrono::minutes(1);
};

}  // namespace livedata
