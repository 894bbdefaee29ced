#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "base/thread_pool.h"
#include "server/api/api_context.h"
#include "server/http/router.h"

namespace livedata::server {

/// A store in a folder of the test's own, and a router for the routes under test.
class DoorTest : public testing::Test {
 protected:
  static constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;

  DoorTest() {
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) / test->test_suite_name() / test->name();
    std::filesystem::remove_all(folder_);
    storage::StoreOptions options;
    options.data_folder = folder_;
    store_ = *storage::Store::open(options, storage::OpenMode::kReadWrite, files_, clock_, logger_,
                                   metrics_);
    writer_ = std::make_unique<ingest::Writer>(*store_, metrics_);
    engine_ = std::make_unique<query::logql::Engine>(*store_, threads_, limits_, clock_);
    live_tail_ = std::make_unique<LiveTail>(*store_);
  }
  ~DoorTest() override {
    live_tail_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  ApiContext context() {
    return {.store = *store_,
            .writer = *writer_,
            .engine = *engine_,
            .live_tail = *live_tail_,
            .limits = limits_,
            .clock = clock_,
            .version = "test"};
  }

  using Headers = std::vector<std::pair<std::string, std::string>>;
  /// `target` may have a query string. Header names in lower case. Each request comes at a time of
  /// its own, or equal records would be one.
  Response send(std::string method, std::string_view target, std::string body = "",
                Headers headers = {}) {
    clock_.advance(std::chrono::seconds(1));
    Request request;
    request.method = std::move(method);
    const std::size_t question = std::min(target.find('?'), target.size());
    request.path = target.substr(0, question);
    request.query = Parameters::parse(target.substr(std::min(question + 1, target.size())));
    request.parameters = request.query;
    request.headers = std::move(headers);
    request.body = std::move(body);
    return router_.handle(request);
  }
  static std::string header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return {};
  }
  /// All lines of a selector, oldest first.
  std::vector<std::string> lines(const std::string& selector) {
    storage::ScanRequest request;
    request.range = {0, kNow * 2};
    const auto scan = store_->scan(TenantId::single(), request);
    std::vector<std::pair<TimestampNs, std::string>> found;
    for (std::size_t i = 0; i < scan->num_units(); ++i) {
      const auto rows = scan->read(i, Deadline());
      for (const RowIndex row : rows->rows) {
        const std::string labels = rows->batch->stream(row).labels.to_string();
        if (labels.find(selector) != std::string::npos)
          found.emplace_back(rows->batch->timestamps()[row], rows->batch->line(row));
      }
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string> out;
    for (auto& [time, line] : found) out.push_back(std::move(line));
    return out;
  }

  std::filesystem::path folder_;
  PosixFileSystem files_;
  FakeClock clock_{kNow};
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  Limits limits_;
  ThreadPool threads_{"test", 1, 16};
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<ingest::Writer> writer_;
  std::unique_ptr<query::logql::Engine> engine_;
  std::unique_ptr<LiveTail> live_tail_;
  Router router_{metrics_};
};

}  // namespace livedata::server
