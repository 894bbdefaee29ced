#include "server/api/native/query_response.h"

#include "server/json/json_writer.h"

namespace livedata::server::native {
namespace {

class AnswerSource : public BodySource {
 public:
  explicit AnswerSource(std::unique_ptr<query::sql::AnswerStream> answer)
      : answer_(std::move(answer)) {}
  Result<std::string> next() override {
    auto piece = answer_->next();
    if (!piece) return fail(std::move(piece).error().error);
    return *std::move(piece);
  }

 private:
  std::unique_ptr<query::sql::AnswerStream> answer_;
};

}  // namespace

Response query_error_response(const query::sql::QueryError& failure) {
  JsonWriter json;
  json.begin_object().key("error").begin_object();
  json.key("code").string(name(failure.error.code)).key("message").string(failure.error.message);
  if (failure.line > 0) {
    json.key("line").number(static_cast<std::uint64_t>(failure.line));
    json.key("column").number(static_cast<std::uint64_t>(failure.column));
  }
  json.end_object().end_object();
  Response response = Response::from(failure.error);
  response.content_type = "application/json";
  response.body = json.take() + "\n";
  return response;
}

Response query_response(query::sql::Format format,
                        std::unique_ptr<query::sql::AnswerStream> answer) {
  Response response;
  response.content_type = query::sql::content_type(format);
  response.source = std::make_shared<AnswerSource>(std::move(answer));
  return response;
}

}  // namespace livedata::server::native
