#pragma once

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "base/file_system.h"
#include "base/testing/fake_clock.h"
#include "query/sql/engine.h"
#include "storage/store.h"

namespace livedata::query::sql {

/// A store of its own in a folder of its own, and SQL over it.
class SqlTest : public ::testing::Test {
 protected:
  SqlTest() {
    std::string folder = (std::filesystem::temp_directory_path() / "livedata-sql-XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
    storage::StoreOptions options;
    options.data_folder = folder_;
    options.wal_sync = storage::WalSync::kOff;
    options.compact_in_background = false;
    auto store = storage::Store::open(options, storage::OpenMode::kReadWrite, files_, clock_,
                                      logger_, metrics_);
    EXPECT_TRUE(store.has_value());
    store_ = *std::move(store);
    limits_.threads = 2;
    limits_.timeout = std::chrono::seconds(20);
    restart();
  }
  ~SqlTest() override {
    engine_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  void restart() { engine_ = std::make_unique<Engine>(*store_, limits_); }

  void append(RecordBatch batch, const TenantId& tenant = TenantId::single()) {
    ASSERT_TRUE(store_->append(tenant, std::move(batch)).has_value());
  }

  Outcome<std::string> run(const Query& query, const TenantId& tenant = TenantId::single()) const {
    auto stream = engine_->run(tenant, query, Deadline());
    if (!stream) return tl::unexpected(stream.error());
    std::string out;
    for (;;) {
      auto piece = (*stream)->next();
      if (!piece) return tl::unexpected(piece.error());
      if (piece->empty()) return out;
      out += *piece;
    }
  }

  /// The answer as CSV with \n as line end, or "error: ...".
  std::string csv(const std::string& sql, const TenantId& tenant = TenantId::single()) const {
    Query query;
    query.text = sql;
    query.format = Format::kCsv;
    const auto answer = run(query, tenant);
    if (!answer) return "error: " + answer.error().error.message;
    std::string out;
    for (const char c : *answer) {
      if (c != '\r') out += c;
    }
    return out;
  }

  std::string folder_;
  PosixFileSystem files_;
  SystemClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  EngineLimits limits_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace livedata::query::sql
