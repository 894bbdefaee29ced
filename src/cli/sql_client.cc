#include "cli/sql_client.h"

#include <yyjson.hpp>

#include "base/clock.h"
#include "cli/client/server_request.h"
#include "cli/data_folder.h"
#include "cli/files/scratch_store.h"
#include "model/tenant_id.h"
#include "query/sql/engine.h"
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
    LIVEDATA_TRY(
        const server::ClientResponse response,
        send_to_server(target_.address, {.method = "POST",
                                         .target = "/api/v1/sql",
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
        engine_(*store_, own_limits()) {}

  Result<void> run(const std::string& query, const std::string& format,
                   const WriteBytes& write) override {
    LIVEDATA_TRY(const auto parsed, server::native::parse_sql_request(
                                        request_of(target_, query, format), clock_.now()));
    auto answer = engine_.run(TenantId::single(), parsed, deadline_);
    if (!answer) return error_of(answer.error());
    for (;;) {
      const auto piece = (*answer)->next();
      if (!piece) return error_of(piece.error());
      if (piece->empty()) return {};
      write(*piece);
    }
  }

 private:
  static tl::unexpected<Error> error_of(const query::sql::QueryError& failure) {
    return fail(failure.error.code, "{}{}", place(failure.line, failure.column),
                failure.error.message);
  }

  const SqlTarget target_;
  const SystemClock clock_;
  const std::shared_ptr<const storage::Store> store_;
  const Deadline deadline_;
  const query::sql::Engine engine_;
};

Result<std::shared_ptr<const storage::Store>> open_store(const SqlTarget& target,
                                                         const Deadline& deadline) {
  const auto tell = [](const std::string& path, const Error& error) {
    fmt::print(stderr, "livedata sql: {}: {}\n", path, error.message);
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
