#pragma once

#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "archive/s3/s3_store.h"
#include "archive/s3/tests/scripted_transport.h"
#include "base/testing/fake_clock.h"
#include "base/testing/simulated_disk.h"

namespace livedata::archive::s3 {

/// A store whose server is a script and whose pauses take no time.
class S3Fixture : public testing::Test {
 protected:
  S3Fixture() : disk_(1), files_(disk_.mount()) {
    options_.endpoint = "http://s3.test:9000";
    options_.bucket = "bucket";
    options_.prefix = "pre/fix";
    options_.credentials.access_key_id = "id";
    options_.credentials.secret_access_key = "very-secret";
    retry_.max_attempts = 4;
    retry_.jitter = [] { return 1.0; };
    retry_.pause = [this](std::chrono::nanoseconds time, const Deadline& deadline) {
      pauses_.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
      return deadline.check();
    };
    EXPECT_TRUE(files_->create_folders("/d"));
  }

  Result<std::unique_ptr<S3Store>> create() {
    const auto not_owned = [](http_client::Transport& transport) {
      return std::shared_ptr<http_client::Transport>(std::shared_ptr<void>(), &transport);
    };
    return S3Store::create(options_, {*files_, not_owned(transport_), not_owned(metadata_), clock_},
                           retry_);
  }
  std::unique_ptr<S3Store> store() {
    auto made = create();
    EXPECT_TRUE(made.has_value());
    return made ? *std::move(made) : nullptr;
  }

  SimulatedDisk disk_;
  std::shared_ptr<FileSystem> files_;
  ScriptedTransport transport_;
  ScriptedTransport metadata_;
  FakeClock clock_;
  S3Options options_;
  RetryPolicy retry_;
  std::vector<std::int64_t> pauses_;  // milliseconds
  Deadline forever_;
};

}  // namespace livedata::archive::s3
