#include "server/api/otlp/answer.h"

#include <protozero/pbf_writer.hpp>

#include "server/grpc/status.h"
#include "server/json/json_writer.h"

namespace livedata::server::otlp {
namespace {

std::uint64_t count_of(const std::vector<ingest::Rejection>& rejected) {
  std::uint64_t count = 0;
  for (const ingest::Rejection& rejection : rejected) count += rejection.count;
  return count;
}

std::string describe(const std::vector<ingest::Rejection>& rejected) {
  std::string text;
  for (const ingest::Rejection& rejection : rejected) {
    text += fmt::format("{}{} refused ({}): {}", text.empty() ? "" : "; ", rejection.count,
                        rejection.reason, rejection.message);
  }
  return text;
}

std::string response_json(const std::vector<ingest::Rejection>& rejected) {
  JsonWriter json;
  json.begin_object();
  if (!rejected.empty()) {
    json.key("partialSuccess").begin_object();
    json.key("rejectedLogRecords").string(std::to_string(count_of(rejected)));
    json.key("errorMessage").string(describe(rejected)).end_object();
  }
  return json.end_object().take();
}

std::string response_protobuf(const std::vector<ingest::Rejection>& rejected) {
  std::string bytes;
  if (rejected.empty()) return bytes;
  protozero::pbf_writer response(bytes);
  protozero::pbf_writer partial_success(response, 1);
  partial_success.add_int64(1, static_cast<std::int64_t>(count_of(rejected)));
  partial_success.add_string(2, describe(rejected));
  return bytes;
}

std::string status_json(const Error& error) {
  JsonWriter json;
  json.begin_object();
  json.key("code").number(static_cast<std::uint64_t>(grpc::status_code(error.code)));
  json.key("message").string(error.message);
  if (const auto delay = grpc::retry_delay(error.code)) {
    json.key("details").begin_array().begin_object();
    json.key("@type").string(grpc::kRetryInfoType);
    json.key("retryDelay").string(fmt::format("{}s", delay->count()));
    json.end_object().end_array();
  }
  return json.end_object().take();
}

}  // namespace

std::string encode_response(const std::vector<ingest::Rejection>& rejected, Format format) {
  return format == Format::kJson ? response_json(rejected) : response_protobuf(rejected);
}

std::string encode_status(const Error& error, Format format) {
  return format == Format::kJson ? status_json(error) : grpc::encode_status(error);
}

}  // namespace livedata::server::otlp
