#include "cli/sql_client.h"

#include <cinttypes>
#include <cstdio>

#include <yyjson.hpp>

#include "base/clock.h"
#include "cli/client/server_request.h"
#include "cli/data_folder.h"
#include "cli/files/scratch_store.h"
#include "model/tenant_id.h"
#include "query/lookups/lookups.h"
#include "query/sql/engine.h"
#include "query/sql/search/search.h"
#include "server/api/native/search_request.h"
#include "server/api/native/sql_request.h"
#include "server/http/client.h"
#include "storage/store.h"

namespace livedata::cli {
namespace {

std::string place(std::size_t line, std::size_t column) {
  return line == 0 ? "" : fmt::format("line {}, column {}: ", line, column);
}

server::Request request_of(const SqlTarget& target, const std::string& query,
                           const std::string& format) {
  std::string pairs = "format=" + format;
  const auto add = [&pairs](const char* name, const std::string& value) {
    if (!value.empty()) pairs += fmt::format("&{}={}", name, server::percent_encode(value));
  };
  add("start", target.from);
  add("end", target.to);
  add("since", target.since);
  add("limit", target.limit);
  add("explain", target.explains ? "1" : "");
  add("query", query);
  server::Request request;
  request.query = server::Parameters::parse(pairs);
  request.parameters = request.query;
  return request;
}

class ServerClient : public SqlClient {
 public:
  explicit ServerClient(SqlTarget target) : target_(std::move(target)) {}

  Result<void> run(const std::string& query, const std::string& format,
                   const WriteBytes& write) override {
    std::string body;
    const server::Request request = request_of(target_, query, format);
    for (const auto& [name, value] : request.parameters.pairs())
      body += fmt::format("{}{}={}", body.empty() ? "" : "&", name, server::percent_encode(value));
    LIVEDATA_TRY(const server::ClientResponse response,
                 send_to_server(target_.address,
                                {.method = "POST",
                                 .target = target_.language == SqlLanguage::kSql ? "/api/v1/sql"
                                                                                 : "/api/v1/search",
                                 .content_type = "application/x-www-form-urlencoded",
                                 .body = std::move(body)}));
    if (response.status != 200) return error_of(response);
    write(response.body);
    return {};
  }

 private:
  static tl::unexpected<Error> error_of(const server::ClientResponse& response) {
    namespace json = livedata_yyjson;
    const std::unique_ptr<json::yyjson_doc, decltype(&json::yyjson_doc_free)> document(
        json::yyjson_read(response.body.data(), response.body.size(), 0), json::yyjson_doc_free);
    json::yyjson_val* error =
        document == nullptr
            ? nullptr
            : json::yyjson_obj_get(json::yyjson_doc_get_root(document.get()), "error");
    json::yyjson_val* message = json::yyjson_obj_get(error, "message");
    if (!json::yyjson_is_str(message))
      return fail(ErrorCode::kUnavailable, "the server answered {}: {}", response.status,
                  response.body);
    const auto number = [&](const char* name) {
      return static_cast<std::size_t>(json::yyjson_get_uint(json::yyjson_obj_get(error, name)));
    };
    return fail(response.status == 400 ? ErrorCode::kInvalidArgument : ErrorCode::kUnavailable,
                "{}{}", place(number("line"), number("column")), json::yyjson_get_str(message));
  }

  const SqlTarget target_;
};

/// It is the user's own machine.
query::sql::EngineLimits own_limits() {
  query::sql::EngineLimits limits;
  limits.memory_bytes = 1_GiB;
  limits.max_rows = std::size_t{1} << 40U;
  limits.timeout = std::chrono::hours(24);
  return limits;
}

/// Asks a store in this process.
class StoreClient : public SqlClient {
 public:
  StoreClient(SqlTarget target, std::shared_ptr<const storage::Store> store, Deadline deadline)
      : target_(std::move(target)),
        store_(std::move(store)),
        deadline_(std::move(deadline)),
        lookups_(files_, Path(target_.data_folder) / "lookups" / TenantId::single().text()),
        engine_(*store_, own_limits()) {}

  Result<void> run(const std::string& query, const std::string& format,
                   const WriteBytes& write) override {
    const server::Request request = request_of(target_, query, format);
    if (target_.language == SqlLanguage::kSearch) {
      LIVEDATA_TRY(const auto search, search_of(request));
      return give(query::sql::search::run_search(engine_, TenantId::single(), search, deadline_),
                  write);
    }
    LIVEDATA_TRY(const auto parsed, server::native::parse_sql_request(request, clock_.now()));
    return give(engine_.run(TenantId::single(), parsed, deadline_), write);
  }

 private:
  using Answer = query::sql::Outcome<std::unique_ptr<query::sql::AnswerStream>>;

  static Result<void> give(Answer answer, const WriteBytes& write) {
    if (!answer) return error_of(answer.error());
    for (;;) {
      const auto piece = (*answer)->next();
      if (!piece) return error_of(piece.error());
      if (piece->empty()) return {};
      write(*piece);
    }
  }

  /// A search of what lies here is about all of it, unless it is told otherwise.
  Result<query::sql::search::SearchQuery> search_of(const server::Request& request) const {
    LIVEDATA_TRY(auto search, server::native::parse_search_request(request, clock_.now()));
    search.load_lookup =
        server::native::loader_of(target_.data_folder.empty() ? nullptr : &lookups_);
    if (!target_.since.empty() || !target_.from.empty() || !target_.to.empty()) return search;
    LIVEDATA_TRY(search.range, range_of_all());
    return search;
  }

  /// Of all log records, and some time where there are none.
  Result<TimeRange> range_of_all() const {
    const query::sql::Query query{
        .text = "SELECT min(epoch_ns(time)) AS first, max(epoch_ns(time)) AS last FROM logs",
        .format = query::sql::Format::kCsv};
    std::string csv;
    LIVEDATA_RETURN_IF_ERROR(give(engine_.run(TenantId::single(), query, deadline_),
                                  [&csv](std::string_view bytes) { csv += bytes; }));
    TimeRange range{0, clock_.now()};
    TimestampNs first = 0;
    TimestampNs last = 0;
    if (std::sscanf(csv.c_str(), "first,last\r\n%" SCNd64 ",%" SCNd64, &first, &last) ==
        2)  // NOLINT(cert-err34-c): DuckDB's own numbers
      range = {first, last + 1};
    return range;
  }

  static tl::unexpected<Error> error_of(const query::sql::QueryError& failure) {
    return fail(failure.error.code, "{}{}", place(failure.line, failure.column),
                failure.error.message);
  }

  const SqlTarget target_;
  const SystemClock clock_;
  const std::shared_ptr<const storage::Store> store_;
  const Deadline deadline_;
  PosixFileSystem files_;
  const query::lookups::Lookups lookups_;
  const query::sql::Engine engine_;
};

Result<std::shared_ptr<const storage::Store>> open_store(const SqlTarget& target,
                                                         const Deadline& deadline) {
  const auto tell = [](const std::string& path, const Error& error) {
    fmt::print(stderr, "livedata: {}: {}\n", path, error.message);
  };
  if (!target.files.empty())
    return read_into_scratch(target.files, {.finds_fields = true}, deadline, tell);
  return open_data_folder(target.data_folder);
}

}  // namespace

Result<std::string> SqlClient::run(const std::string& query, const std::string& format) {
  std::string out;
  LIVEDATA_RETURN_IF_ERROR(run(query, format, [&out](std::string_view bytes) { out += bytes; }));
  return out;
}

Result<std::unique_ptr<SqlClient>> make_sql_client(SqlTarget target, const Deadline& deadline) {
  if (target.data_folder.empty() && target.files.empty())
    return std::make_unique<ServerClient>(std::move(target));
  LIVEDATA_TRY(auto store, open_store(target, deadline));
  return std::make_unique<StoreClient>(std::move(target), std::move(store), deadline);
}

}  // namespace livedata::cli
