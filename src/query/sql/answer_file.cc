#include "query/sql/answer_file.h"

#include <utility>

#include <duckdb/common/exception.hpp>

namespace livedata::query::sql {
namespace {

struct AnswerHandle : duckdb::FileHandle {
  AnswerHandle(NoFiles& files, duckdb::FileOpenFlags how)
      : FileHandle(files, NoFiles::kAnswerPath, how) {}
  void Close() override {}
  std::int64_t size = 0;
};

}  // namespace

void AnswerBytes::append(std::string_view bytes) {
  const MutexLock lock(mutex_);
  bytes_ += bytes;
}

std::string AnswerBytes::take() {
  const MutexLock lock(mutex_);
  return std::exchange(bytes_, {});
}

std::size_t AnswerBytes::size() const {
  const MutexLock lock(mutex_);
  return bytes_.size();
}

bool AnswerBytes::open() {
  const MutexLock lock(mutex_);
  return !std::exchange(is_open_, true);
}

duckdb::unique_ptr<duckdb::FileHandle> NoFiles::OpenFile(const duckdb::string& path,
                                                         duckdb::FileOpenFlags flags,
                                                         duckdb::optional_ptr<duckdb::FileOpener>) {
  const bool is_answer = answer_ != nullptr && path == kAnswerPath && flags.OpenForWriting() &&
                         !flags.OpenForReading();
  if (!is_answer || !answer_->open()) throw duckdb::PermissionException("a query has no files");
  return duckdb::make_uniq<AnswerHandle>(*this, flags);
}

duckdb::vector<duckdb::OpenFileInfo> NoFiles::Glob(const duckdb::string&, duckdb::FileOpener*) {
  throw duckdb::PermissionException("a query has no files");
}

std::int64_t NoFiles::Write(duckdb::FileHandle& handle, void* buffer, std::int64_t size) {
  answer_->append({static_cast<const char*>(buffer), static_cast<std::size_t>(size)});
  handle.Cast<AnswerHandle>().size += size;
  return size;
}

std::int64_t NoFiles::GetFileSize(duckdb::FileHandle& handle) {
  return handle.Cast<AnswerHandle>().size;
}

}  // namespace livedata::query::sql
