#include "cli/text_push.h"

#include "base/bytes.h"
#include "ingest/values/json.h"
#include "model/limits.h"
#include "model/service_name.h"

namespace livedata::cli {
namespace {

constexpr std::size_t kBatchBytes = 1_MiB;
constexpr std::size_t kRecordBytes = 16;  // what a record weighs beside its line

bool is_json_object(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t");
  return first != std::string_view::npos && line[first] == '{' &&
         ingest::parse_json(line).has_value();
}

std::string to_query(const std::vector<Label>& labels) {
  std::string query;
  for (const Label& label : labels) {
    if (!query.empty()) query += '&';
    if (label.name == kServiceNameLabel) {
      query += "service=" + server::percent_encode(label.value);
    } else {
      query += fmt::format("label.{}={}", server::percent_encode(label.name),
                           server::percent_encode(label.value));
    }
  }
  return query;
}

}  // namespace

TextPush::TextPush(Options options, const Clock& clock, PushClient& client)
    : options_(std::move(options)),
      clock_(clock),
      client_(client),
      times_(options_.start, Limits().max_future.count()),
      query_(to_query(options_.labels)),
      stream_(std::make_shared<const Stream>(Labels(options_.labels))) {}

Result<void> TextPush::add(std::string_view line) {
  if (kind_ == Kind::kUnknown && line.find_first_not_of(" \t") != std::string_view::npos)
    kind_ = is_json_object(line) ? Kind::kJson : Kind::kText;
  if (bytes_ == 0) waiting_since_ = clock_.steady_now();
  bytes_ += line.size() + kRecordBytes;
  if (kind_ == Kind::kJson) {
    json_ += line;
    json_ += '\n';
  } else {
    if (batch_.empty()) batch_.add_stream(stream_);
    batch_.add(0, times_.next(line, clock_.now()), line);
  }
  const bool is_due =
      options_.max_wait.count() > 0 && clock_.steady_now() - waiting_since_ >= options_.max_wait;
  return bytes_ >= kBatchBytes || is_due ? flush() : Result<void>();
}

Result<void> TextPush::flush() {
  bytes_ = 0;
  LIVEDATA_RETURN_IF_ERROR(client_.push_ndjson(query_, json_));
  json_.clear();
  LIVEDATA_RETURN_IF_ERROR(client_.push(batch_));
  batch_ = RecordBatch();
  return {};
}

}  // namespace livedata::cli
