#pragma once

#include <string>

#include "ingest/otlp/log_record.h"

namespace livedata::ingest::otlp {

/// A request of one resource and one scope, to be encoded by tests.
struct TestRequest {
  Resource resource;
  Scope scope;
  std::vector<LogRecord> records;
};

/// As an ExportLogsServiceRequest.
std::string encode_protobuf(const TestRequest& request);
/// As OTLP/JSON.
std::string encode_json(const TestRequest& request);

}  // namespace livedata::ingest::otlp
