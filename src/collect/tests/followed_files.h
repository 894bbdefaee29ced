#pragma once

#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "collect/files/log_files.h"
#include "ingest/pipeline/compile.h"

namespace livedata::collect {

using Lines = std::vector<std::string>;

inline std::string gzipped(std::string_view text) {
  z_stream stream{};
  ::deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(::deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

inline std::string zstandard(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

/// A folder of log files, somebody who follows them, and a store that keeps records and bookmarks
/// in one step, as the real one does.
class FollowedFiles : public testing::Test {
 protected:
  struct Record {
    std::string line;
    Labels labels;
    TimestampNs time = 0;
    bool continues = false;
  };

  FollowedFiles() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    // The real path: what is shown of a symbolic link's target is one.
    folder_ = std::filesystem::canonical(testing::TempDir()) /
              (std::string(test->test_suite_name()) + "." + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    set_.paths.push_back(pattern("app.log"));
    set_.backlog_bytes = UINT64_MAX;
    options_.host = "h";
  }
  ~FollowedFiles() override {
    files_.reset();
    std::filesystem::remove_all(folder_);
  }

  PathPattern pattern(const std::string& text) {
    return *PathPattern::parse(text.starts_with('/') ? text : (folder_ / text).native());
  }
  void follow(const std::vector<std::string>& patterns) {
    set_.paths.clear();
    for (const std::string& text : patterns) set_.paths.push_back(pattern(text));
  }

  /// Sets a pipeline for the files' lines, from its YAML behind the name.
  void pipe(const std::string& members) {
    auto compiled = ingest::pipeline::compile(
        "pipelines:\n  - name: a\n    match: {source: file}\n" + members, "test.yaml");
    ASSERT_TRUE(compiled.has_value()) << compiled.error().message;
    pipelines_ = *std::move(compiled);
    options_.pipelines = &pipelines_;
  }
  void join_by_indentation() { pipe("    multiline: {indentation: true}\n    stages: []\n"); }

  // What programs do to their logs.
  void append(std::string_view text, const std::string& name = "app.log") const {
    std::ofstream(folder_ / name, std::ios::app | std::ios::binary) << text;
  }
  void rename(const std::string& from, const std::string& to) const {
    std::filesystem::rename(folder_ / from, folder_ / to);
  }
  void remove(const std::string& name) const { std::filesystem::remove(folder_ / name); }
  void truncate(std::uintmax_t size = 0, const std::string& name = "app.log") const {
    std::filesystem::resize_file(folder_ / name, size);
  }
  void copy(const std::string& from, const std::string& to) const {
    std::filesystem::copy_file(folder_ / from, folder_ / to,
                               std::filesystem::copy_options::overwrite_existing);
  }
  [[nodiscard]] std::string content(const std::string& name) const {
    std::ifstream in(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void compress(const std::string& name, bool with_zstd = false) const {
    const std::string text = content(name);
    append(with_zstd ? zstandard(text) : gzipped(text), name + (with_zstd ? ".zst" : ".gz"));
    remove(name);
  }

  /// Starts following, from what was stored. Whatever was running is gone as by a crash.
  void start() {
    files_.reset();
    metrics_ = std::make_unique<MetricRegistry>();
    options_.sets = {set_};
    files_ = std::make_unique<LogFiles>(
        options_,
        [this](const ingest::Decoded& decoded, const Bookmarks& bookmarks) {
          return store(decoded.batch, bookmarks);
        },
        saved_, limits_, clock_, logger_, *metrics_);
  }
  Result<void> store(const RecordBatch& batch, const Bookmarks& bookmarks) {
    ++appends_;
    if (refuses_ && refuses_()) return fail(ErrorCode::kUnavailable, "full");
    for (RowIndex row = 0; row < batch.num_rows(); ++row) {
      records_.push_back({std::string(batch.line(row)), batch.stream(row).labels,
                          batch.timestamps()[row], batch.field(row, "continuation").has_value()});
    }
    update(saved_, bookmarks);
    return {};
  }

  /// Everything that there is to read now.
  void work() {
    if (files_ == nullptr) start();
    do {
      static_cast<void>(files_->step());
    } while (files_->wait_time().count() == 0);
  }
  /// The lines that were stored since the last call.
  Lines read() {
    work();
    Lines lines;
    for (; taken_ < records_.size(); ++taken_) lines.push_back(records_[taken_].line);
    return lines;
  }
  /// The same after so much time.
  Lines read_after(std::chrono::nanoseconds time) {
    clock_.advance(time);
    return read();
  }
  Lines read_when_quiet() { return read_after(std::chrono::seconds(2)); }

  [[nodiscard]] std::uint64_t counter(const std::string& name) const {
    return metrics_->counter("livedata_files_" + name + "_total", "").value();
  }

  std::filesystem::path folder_;
  FileSet set_;
  ingest::pipeline::Pipelines pipelines_;
  LogFilesOptions options_;
  Limits limits_;
  FakeClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  std::unique_ptr<MetricRegistry> metrics_;
  std::unique_ptr<LogFiles> files_;
  Bookmarks saved_;
  std::vector<Record> records_;
  std::size_t taken_ = 0;
  std::size_t appends_ = 0;
  std::function<bool()> refuses_;
};

}  // namespace livedata::collect
