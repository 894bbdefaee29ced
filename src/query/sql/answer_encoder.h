#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <duckdb/common/types/data_chunk.hpp>
#include <duckdb/main/client_context.hpp>

#include "query/sql/query.h"
#include "query/sql/scan_source.h"

namespace livedata::query::sql {

struct AnswerColumns {
  std::vector<std::string> names;
  std::vector<duckdb::LogicalType> types;
  duckdb::ClientContext* context = nullptr;
};

struct AnswerSummary {
  std::uint64_t rows = 0;
  bool is_cut = false;  ///< there are more rows than were asked for
  double seconds = 0;
  double queue_seconds = 0;
  ScanTotals scanned;
  std::optional<TimeRange> range = {};  ///< that was asked about
  std::vector<PlanStep> plan = {};
};

/// Turns rows into the bytes of one format. Functions append to `out`.
class AnswerEncoder {
 public:
  virtual ~AnswerEncoder() = default;
  virtual void begin(const AnswerColumns& columns, std::string& out) = 0;
  virtual void add(duckdb::DataChunk& rows, std::string& out) = 0;
  virtual void end(const AnswerSummary& summary, std::string& out) = 0;
};

std::unique_ptr<AnswerEncoder> make_json_encoder();
std::unique_ptr<AnswerEncoder> make_ndjson_encoder();
std::unique_ptr<AnswerEncoder> make_csv_encoder();
std::unique_ptr<AnswerEncoder> make_arrow_encoder();

}  // namespace livedata::query::sql
