#include "cli/records/record_stream.h"

#include "base/bytes.h"
#include "cli/client/server_request.h"
#include "query/records/record_export.h"
#include "server/http/response_stream.h"
#include "server/records/record_json.h"

namespace livedata::cli {
namespace {

constexpr std::size_t kBatchBytes = 4_MiB;  // of text
constexpr int kOk = 200;
constexpr int kBadRequest = 400;

class ServerStream : public RecordStream {
 public:
  ServerStream(std::unique_ptr<server::ResponseStream> response, Deadline deadline)
      : response_(std::move(response)), deadline_(std::move(deadline)) {}

  Result<std::shared_ptr<const RecordBatch>> next() override {
    auto batch = std::make_shared<RecordBatch>();
    for (std::size_t bytes = 0; bytes < kBatchBytes && !is_done_;) {
      LIVEDATA_RETURN_IF_ERROR(deadline_.check());
      LIVEDATA_TRY(const std::string piece, response_->next());
      is_done_ = piece.empty();
      bytes += piece.size();
      LIVEDATA_RETURN_IF_ERROR(add(piece, *batch));
    }
    if (is_done_ && !partial_.empty())
      return fail(ErrorCode::kUnavailable, "the server's answer ends within a record");
    if (batch->empty()) return std::shared_ptr<const RecordBatch>();
    return std::shared_ptr<const RecordBatch>(std::move(batch));
  }

 private:
  Result<void> add(std::string_view piece, RecordBatch& batch) {
    for (;;) {
      const std::size_t end = piece.find('\n');
      partial_ += piece.substr(0, end);
      if (end == std::string_view::npos) return {};
      piece.remove_prefix(end + 1);
      if (auto parsed = server::records::parse_json(partial_, batch); !parsed)
        return fail(std::move(parsed).error().with_context("the server's answer"));
      partial_.clear();
    }
  }

  std::unique_ptr<server::ResponseStream> response_;
  const Deadline deadline_;
  std::string partial_;  // a line whose end has not come yet
  bool is_done_ = false;
};

class StoreStream : public RecordStream {
 public:
  StoreStream(std::shared_ptr<const storage::Store> store, const TimeRange& range,
              std::vector<LabelMatcher> matchers, Deadline deadline)
      : store_(std::move(store)),
        records_(*store_, TenantId::single(), range, std::move(matchers)),
        deadline_(std::move(deadline)) {}

  Result<std::shared_ptr<const RecordBatch>> next() override { return records_.next(deadline_); }

 private:
  const std::shared_ptr<const storage::Store> store_;
  query::records::RecordExport records_;
  const Deadline deadline_;
};

}  // namespace

Result<std::unique_ptr<RecordStream>> stream_from_server(const std::string& address,
                                                         const std::string& target,
                                                         const Deadline& deadline) {
  LIVEDATA_TRY(auto response,
               server::ResponseStream::open(address, in_own_name({.target = target})));
  if (response->status() != kOk) {
    LIVEDATA_TRY(std::string text, response->next());
    while (text.ends_with('\n')) text.pop_back();
    return fail(
        response->status() == kBadRequest ? ErrorCode::kInvalidArgument : ErrorCode::kUnavailable,
        "{} answers {}: {}", address, response->status(), text);
  }
  return std::make_unique<ServerStream>(std::move(response), deadline);
}

std::unique_ptr<RecordStream> stream_from_store(std::shared_ptr<const storage::Store> store,
                                                const TimeRange& range,
                                                std::vector<LabelMatcher> matchers,
                                                const Deadline& deadline) {
  return std::make_unique<StoreStream>(std::move(store), range, std::move(matchers), deadline);
}

}  // namespace livedata::cli
