#pragma once

#include <memory>
#include <string>

#include <duckdb/common/file_system.hpp>

#include "base/mutex.h"

namespace livedata::query::sql {

/// Bytes on their way from a writer of DuckDB's to whoever takes them. Thread-safe.
class AnswerBytes {
 public:
  void append(std::string_view bytes) LIVEDATA_EXCLUDES(mutex_);
  /// All that has come since the last call.
  [[nodiscard]] std::string take() LIVEDATA_EXCLUDES(mutex_);
  [[nodiscard]] std::size_t size() const LIVEDATA_EXCLUDES(mutex_);
  /// True once.
  [[nodiscard]] bool open() LIVEDATA_EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  std::string bytes_ LIVEDATA_GUARDED_BY(mutex_);
  bool is_open_ LIVEDATA_GUARDED_BY(mutex_) = false;
};

/// A file system without files: whoever gets past DuckDB's own checks ends here. Given a place for
/// bytes it has one file, which can be opened once, and only written.
class NoFiles : public duckdb::FileSystem {
 public:
  static constexpr const char* kAnswerPath = "answer";

  explicit NoFiles(std::shared_ptr<AnswerBytes> answer) : answer_(std::move(answer)) {}

  duckdb::unique_ptr<duckdb::FileHandle> OpenFile(
      const duckdb::string& path, duckdb::FileOpenFlags flags,
      duckdb::optional_ptr<duckdb::FileOpener> opener) override;
  duckdb::vector<duckdb::OpenFileInfo> Glob(const duckdb::string& path,
                                            duckdb::FileOpener* opener) override;
  int64_t Write(duckdb::FileHandle& handle, void* buffer, int64_t size) override;
  int64_t GetFileSize(duckdb::FileHandle& handle) override;
  void FileSync(duckdb::FileHandle&) override {}
  bool OnDiskFile(duckdb::FileHandle&) override { return false; }
  bool CanSeek() override { return false; }
  bool DirectoryExists(const duckdb::string&, duckdb::optional_ptr<duckdb::FileOpener>) override {
    return false;
  }
  bool FileExists(const duckdb::string&, duckdb::optional_ptr<duckdb::FileOpener>) override {
    return false;
  }
  bool IsPipe(const duckdb::string&, duckdb::optional_ptr<duckdb::FileOpener>) override {
    return false;
  }
  bool CanHandleFile(const duckdb::string&) override { return true; }
  void RegisterSubSystem(duckdb::FileCompressionType,
                         duckdb::unique_ptr<duckdb::FileSystem>) override {}
  duckdb::string GetName() const override { return "NoFiles"; }
  duckdb::string PathSeparator(const duckdb::string&) override { return "/"; }

 private:
  const std::shared_ptr<AnswerBytes> answer_;  // may be null
};

}  // namespace livedata::query::sql
