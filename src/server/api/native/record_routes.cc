#include "server/api/native/record_routes.h"

#include <limits>

#include "base/bytes.h"
#include "query/logql/engine.h"
#include "query/records/record_export.h"
#include "server/api/parameters.h"
#include "server/api/push.h"
#include "server/json/json_writer.h"
#include "server/records/record_csv.h"
#include "server/records/record_json.h"

namespace livedata::server::native {
namespace {

constexpr std::size_t kPieceBytes = 256_KiB;
constexpr std::string_view kNdjson = "application/x-ndjson";

/// Records in pieces of a body.
class RecordPieces : public BodySource {
 public:
  RecordPieces(query::records::RecordExport records, bool is_csv, Deadline deadline)
      : records_(std::move(records)), is_csv_(is_csv), deadline_(std::move(deadline)) {
    if (is_csv_) header_ = records::csv_header();
  }

  Result<std::string> next() override {
    std::string piece = std::exchange(header_, "");
    while (piece.size() < kPieceBytes) {
      LIVEDATA_TRY(const auto batch, records_.next(deadline_));
      if (batch == nullptr) break;
      if (is_csv_) {
        records::append_csv(*batch, piece);
      } else {
        records::append_json(*batch, piece);
      }
    }
    return piece;
  }

 private:
  query::records::RecordExport records_;
  const bool is_csv_;
  const Deadline deadline_;
  std::string header_;
};

/// start and end; without them all there is.
Result<TimeRange> parse_open_range(const Parameters& parameters, TimestampNs now) {
  if (parameters.find("since")) return parse_range(parameters, now);
  TimeRange range{std::numeric_limits<TimestampNs>::min(), std::numeric_limits<TimestampNs>::max()};
  if (const auto start = parameters.get("start"); !start.empty()) {
    LIVEDATA_TRY(range.start, parse_time(start));
  }
  if (const auto end = parameters.get("end"); !end.empty()) {
    LIVEDATA_TRY(range.end, parse_time(end));
  }
  return range;
}

Result<Response> give(const Request& request, const ApiContext& context) {
  LIVEDATA_TRY(const TimeRange range, parse_open_range(request.parameters, context.clock.now()));
  std::vector<LabelMatcher> matchers;
  if (const auto query = request.parameters.get("query"); !query.empty()) {
    LIVEDATA_TRY(matchers, query::logql::parse_selector(query));
  }
  const std::string_view format = request.parameters.get("format");
  if (!format.empty() && format != "ndjson" && format != "csv")
    return fail(ErrorCode::kInvalidArgument, "format is ndjson or csv, not '{}'", format);
  Response response;
  const bool is_csv = format == "csv";
  response.content_type = is_csv ? "text/csv; charset=utf-8" : std::string(kNdjson);
  response.source = std::make_shared<RecordPieces>(
      query::records::RecordExport(context.store, request.scope(), range, std::move(matchers)),
      is_csv, request.deadline);
  return response;
}

/// What nobody may send by another door is not taken by this one.
Result<void> check_limits(const RecordBatch& batch, const Limits& limits) {
  for (const StreamRef& stream : batch.streams()) {
    if (stream->labels.size() > limits.max_label_names)
      return fail(ErrorCode::kInvalidArgument, "a stream has more than {} labels",
                  limits.max_label_names);
    for (const Label& label : stream->labels) {
      if (label.name.size() > limits.max_label_name_bytes ||
          label.value.size() > limits.max_label_value_bytes)
        return fail(ErrorCode::kInvalidArgument, "the label '{}' is too long",
                    label.name.substr(0, limits.max_label_name_bytes));
    }
  }
  std::vector<std::size_t> num_fields(batch.num_rows());
  for (const FieldColumn& field : batch.field_columns()) {
    for (const RowIndex row : field.rows) ++num_fields[row];
  }
  for (RowIndex row = 0; row < batch.num_rows(); ++row) {
    if (batch.line(row).size() > limits.max_line_bytes)
      return fail(ErrorCode::kInvalidArgument, "a line is longer than {} bytes",
                  limits.max_line_bytes);
    if (num_fields[row] > limits.max_fields)
      return fail(ErrorCode::kInvalidArgument, "a record has more than {} fields",
                  limits.max_fields);
  }
  return {};
}

Result<std::size_t> take(const Request& request, const ApiContext& context) {
  std::string buffer;
  LIVEDATA_TRY(std::string_view body, plain_body(request, context, buffer));
  RecordBatch batch;
  std::size_t number = 0;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    const std::string_view line = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    ++number;
    if (line.empty()) continue;
    if (number > context.limits.max_records)
      return fail(ErrorCode::kTooLarge, "more than {} records", context.limits.max_records);
    if (auto parsed = records::parse_json(line, batch); !parsed)
      return fail(std::move(parsed).error().with_context(fmt::format("line {}", number)));
  }
  LIVEDATA_RETURN_IF_ERROR(check_limits(batch, context.limits));
  for (const StreamRef& stream : batch.streams()) {
    if (matches_all(request.identity.streams, stream->labels)) continue;
    return fail(ErrorCode::kPermissionDenied, "the sender may not write to the stream {}",
                stream->labels.to_string());
  }
  const std::size_t rows = batch.num_rows();
  if (rows > 0) {
    LIVEDATA_RETURN_IF_ERROR(
        context.writer.write(request.identity.tenant, std::move(batch), "import"));
  }
  return rows;
}

}  // namespace

void add_record_routes(const ApiContext& context, Router& router) {
  router.add(
      "GET", "/api/v1/records",
      [context](const Request& request) {
        auto response = give(request, context);
        return response ? *std::move(response) : Response::from(response.error());
      },
      Lane::kQuery);
  router.add("POST", "/api/v1/records", [context](const Request& request) {
    const auto stored = take(request, context);
    if (!stored) return Response::from(stored.error());
    JsonWriter json;
    json.begin_object().key("records").number(static_cast<std::uint64_t>(*stored));
    return Response::json(json.end_object().take());
  });
}

}  // namespace livedata::server::native
