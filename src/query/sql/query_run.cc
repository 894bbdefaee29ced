#include "query/sql/query_run.h"

#include <algorithm>
#include <charconv>

#include <duckdb/common/error_data.hpp>
#include <duckdb/main/client_context.hpp>
#include <duckdb/main/stream_query_result.hpp>
#include <duckdb/planner/expression/bound_parameter_data.hpp>

#include "query/sql/counted_memory.h"
#include "query/sql/record_scan.h"

namespace livedata::query::sql {
namespace {

constexpr std::size_t kPieceBytes = 128_KiB;
// The first rows go out when this time has passed, else as a whole piece: an error that comes soon
// can still be the answer.
constexpr auto kFirstPiece = std::chrono::milliseconds(100);

std::unique_ptr<AnswerEncoder> make_encoder(Format format) {
  switch (format) {
    case Format::kNdjson:
      return make_ndjson_encoder();
    case Format::kCsv:
      return make_csv_encoder();
    case Format::kArrow:
      return make_arrow_encoder();
    case Format::kParquet:
      return nullptr;
    case Format::kJson:
      break;
  }
  return make_json_encoder();
}

duckdb::Value value_of(const Parameter& parameter) {
  if (const auto* flag = std::get_if<bool>(&parameter)) return duckdb::Value::BOOLEAN(*flag);
  if (const auto* integer = std::get_if<std::int64_t>(&parameter))
    return duckdb::Value::BIGINT(*integer);
  if (const auto* number = std::get_if<double>(&parameter)) return duckdb::Value::DOUBLE(*number);
  if (const auto* text = std::get_if<std::string>(&parameter)) return duckdb::Value(*text);
  return duckdb::Value();
}

/// Line and column of a byte, counted from 1.
void locate(std::string_view text, std::size_t offset, QueryError& error) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  error.line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  const std::size_t line_start = before.rfind('\n');
  error.column =
      line_start == std::string_view::npos ? before.size() + 1 : before.size() - line_start;
}

ErrorCode code_of(duckdb::ExceptionType type) {
  switch (type) {
    case duckdb::ExceptionType::INTERNAL:
    case duckdb::ExceptionType::FATAL:
      return ErrorCode::kInternal;
    case duckdb::ExceptionType::IO:
      return ErrorCode::kIoError;
    case duckdb::ExceptionType::PERMISSION:
      return ErrorCode::kPermissionDenied;
    default:
      return ErrorCode::kInvalidArgument;
  }
}

[[noreturn]] void throw_too_many_rows(std::size_t most) {
  throw duckdb::InvalidInputException("the answer has more than %llu rows; add LIMIT, or aggregate",
                                      static_cast<unsigned long long>(most));
}

}  // namespace

QueryRun::QueryRun(const storage::Store& store, const TenantScope& scope, Query query,
                   const EngineLimits& limits, const Deadline& deadline,
                   std::shared_ptr<void> place)
    : place_(std::move(place)),
      limits_(limits),
      query_(std::move(query)),
      deadline_(deadline.until(limits.timeout)),
      source_(store, scope, query_.range, deadline_),
      encoder_(make_encoder(query_.format)),
      parquet_(encoder_ == nullptr ? std::make_shared<AnswerBytes>() : nullptr) {}

QueryRun::~QueryRun() { close(); }

void QueryRun::close() {
  // Threads of DuckDB work on the source: they end with the sandbox.
  guard_.reset();
  if (sandbox_) sandbox_->context().Interrupt();
  result_.reset();
  pending_.reset();
  sandbox_.reset();
  memory_.reset();
}

Outcome<void> QueryRun::begin(QueryWatch& watch) {
  try {
    plan(watch);
    if (parquet_ != nullptr) {
      first_ = make_parquet_piece();
      return {};
    }
    run_until_ready([] { return false; });
    result_ = pending_->Execute();
    if (result_->HasError()) result_->ThrowError();
    std::string head;
    encoder_->begin({result_->names, result_->types, &sandbox_->context()}, head);
    head += make_piece();
    first_ = std::move(head);
    return {};
  } catch (const std::exception& exception) {
    return tl::unexpected(error_of(exception));
  }
}

void QueryRun::plan(QueryWatch& watch) {
  // As much for values as for what operators keep.
  memory_ = allow_memory(2 * limits_.memory_bytes);
  sandbox_.emplace(SandboxLimits{limits_.memory_bytes, limits_.threads, parquet_});
  duckdb::ClientContext& context = sandbox_->context();
  guard_ = watch.watch(deadline_, [&context] { context.Interrupt(); });
  add_tables(context, source_);
  sandbox_->lock();
  auto statement = sandbox_->parse(query_.text);
  if (parquet_ != nullptr) {
    statement =
        Sandbox::write_parquet(std::move(statement), query_.limit.value_or(limits_.max_rows + 1));
  }
  duckdb::case_insensitive_map_t<duckdb::BoundParameterData> values;
  for (const auto& [name, value] : query_.parameters)
    values[name] = duckdb::BoundParameterData(value_of(value));
  pending_ = context.PendingQuery(std::move(statement), values, true);
  if (pending_->HasError()) pending_->ThrowError();
}

template <class Stop>
bool QueryRun::run_until_ready(const Stop& stop) {
  duckdb::PendingQueryResult& pending = *pending_;
  for (;;) {
    if (stop()) return false;
    const duckdb::PendingExecutionResult state = pending.ExecuteTask();
    if (state == duckdb::PendingExecutionResult::EXECUTION_ERROR) pending.ThrowError();
    if (duckdb::PendingQueryResult::IsResultReady(state)) return true;
    if (const auto in_time = deadline_.check(); !in_time) throw duckdb::InterruptException();
    if (state == duckdb::PendingExecutionResult::BLOCKED ||
        state == duckdb::PendingExecutionResult::NO_TASKS_AVAILABLE)
      pending.WaitForTask();
  }
}

std::string QueryRun::make_parquet_piece() {
  if (!run_until_ready([this] { return parquet_->size() >= kPieceBytes; })) return parquet_->take();
  result_ = pending_->Execute();
  if (result_->HasError()) result_->ThrowError();
  const auto count = result_->Fetch();
  const bool has_count = count != nullptr && count->size() > 0;
  summary_.rows = has_count ? count->GetValue(0, 0).GetValue<std::uint64_t>() : 0;
  if (!query_.limit && summary_.rows > limits_.max_rows) throw_too_many_rows(limits_.max_rows);
  is_done_ = true;
  close();
  return parquet_->take();
}

duckdb::unique_ptr<duckdb::DataChunk> QueryRun::fetch() {
  if (const auto in_time = deadline_.check(); !in_time) throw duckdb::InterruptException();
  auto rows = result_->Fetch();
  if (rows == nullptr && result_->HasError()) result_->ThrowError();
  return rows;
}

void QueryRun::take(duckdb::DataChunk& rows, std::string& out) {
  const std::size_t most = query_.limit.value_or(limits_.max_rows);
  if (summary_.rows + rows.size() > most) {
    if (!query_.limit) throw_too_many_rows(most);
    summary_.is_cut = true;
    rows.SetCardinality(most - summary_.rows);
  }
  summary_.rows += rows.size();
  encoder_->add(rows, out);
}

std::string QueryRun::make_piece() {
  std::string out;
  const auto give = std::chrono::steady_clock::now() + kFirstPiece;
  while (!is_done_ && out.size() < kPieceBytes) {
    const auto rows = summary_.is_cut ? nullptr : fetch();
    if (rows == nullptr) {
      finish(out);
    } else {
      take(*rows, out);
      if (!out.empty() && std::chrono::steady_clock::now() > give) break;
    }
  }
  return out;
}

void QueryRun::finish(std::string& out) {
  is_done_ = true;
  summary_.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  summary_.scanned = source_.totals();
  summary_.range = query_.told_range;
  summary_.plan = query_.plan;
  if (!summary_.plan.empty()) {
    summary_.plan.front().rows_in = summary_.scanned.rows_scanned;
    summary_.plan.front().rows_out = summary_.scanned.rows_given;
    summary_.plan.front().bytes = summary_.scanned.line_bytes_read;
    summary_.plan.back().rows_out = summary_.rows;
  }
  encoder_->end(summary_, out);
  close();
}

Outcome<std::string> QueryRun::next() {
  if (first_) {
    std::string piece = std::move(*first_);
    first_.reset();
    if (!piece.empty() || is_done_) return piece;
  }
  try {
    std::string piece;
    while (!is_done_ && piece.empty())
      piece = parquet_ == nullptr ? make_piece() : make_parquet_piece();
    return piece;
  } catch (const std::exception& exception) {
    return tl::unexpected(error_of(exception));
  }
}

QueryError QueryRun::error_of(const std::exception& exception) const {
  const duckdb::ErrorData data(exception);
  QueryError error;
  if (const auto in_time = deadline_.check(); !in_time) {
    error.error = in_time.error();
    return error;
  }
  if (data.Type() == duckdb::ExceptionType::INTERRUPT && guard_ && guard_->took_too_much()) {
    error.error = {ErrorCode::kInvalidArgument,
                   "the query makes values that need too much memory; filter or aggregate first"};
    return error;
  }
  if (data.Type() == duckdb::ExceptionType::OUT_OF_MEMORY) {
    error.error = {ErrorCode::kInvalidArgument,
                   fmt::format("the query needs more than {} MiB of memory; group by less, or "
                               "take a shorter range",
                               limits_.memory_bytes / 1_MiB)};
    return error;
  }
  error.error = {code_of(data.Type()), data.RawMessage()};
  const auto place = data.ExtraInfo().find("position");
  std::size_t offset = 0;
  if (!query_.is_generated && place != data.ExtraInfo().end() &&
      std::from_chars(place->second.data(), place->second.data() + place->second.size(), offset)
              .ec == std::errc())
    locate(query_.text, offset, error);
  return error;
}

}  // namespace livedata::query::sql
