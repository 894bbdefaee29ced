#include "archive/parquet/object_files.h"

#include <algorithm>

#include <duckdb/common/exception.hpp>
#include <duckdb/common/file_system.hpp>
#include <duckdb/main/capi/capi_internal.hpp>

namespace livedata::archive {
namespace {

constexpr std::string_view kPrefix = "livedata-object:";

struct ObjectHandle : duckdb::FileHandle {
  ObjectHandle(duckdb::FileSystem& files, const std::string& where, duckdb::FileOpenFlags how)
      : FileHandle(files, where, how), key(where.substr(kPrefix.size())) {}
  void Close() override {}

  std::string key;
  std::uint64_t bytes = 0;
  std::uint64_t position = 0;
};

/// The objects of a store as files that can be read.
class ObjectFiles final : public duckdb::FileSystem {
 public:
  ObjectFiles(ObjectStore& store, Deadline deadline)
      : store_(store), deadline_(std::move(deadline)) {}

  duckdb::unique_ptr<duckdb::FileHandle> OpenFile(
      const duckdb::string& path, duckdb::FileOpenFlags flags,
      duckdb::optional_ptr<duckdb::FileOpener> /*opener*/) override {
    if (flags.OpenForWriting()) throw duckdb::IOException("objects are read only");
    auto handle = duckdb::make_uniq<ObjectHandle>(*this, path, flags);
    auto object = store_.stat(handle->key, deadline_);
    if (!object) throw duckdb::IOException(object.error().message);
    handle->bytes = object->bytes;
    return handle;
  }

  void Read(duckdb::FileHandle& handle, void* buffer, std::int64_t size,
            duckdb::idx_t location) override {
    const auto count = static_cast<std::size_t>(size);
    auto read = store_.read(handle.Cast<ObjectHandle>().key, location,
                            {static_cast<char*>(buffer), count}, deadline_);
    if (!read) throw duckdb::IOException(read.error().message);
    if (*read != count) throw duckdb::IOException("the object is shorter than it was");
  }

  std::int64_t Read(duckdb::FileHandle& handle, void* buffer, std::int64_t size) override {
    auto& object = handle.Cast<ObjectHandle>();
    const auto left = static_cast<std::int64_t>(object.bytes - object.position);
    const std::int64_t count = std::min(size, left);
    Read(handle, buffer, count, object.position);
    object.position += static_cast<std::uint64_t>(count);
    return count;
  }

  std::int64_t GetFileSize(duckdb::FileHandle& handle) override {
    return static_cast<std::int64_t>(handle.Cast<ObjectHandle>().bytes);
  }
  // Objects never change.
  duckdb::timestamp_t GetLastModifiedTime(duckdb::FileHandle& /*handle*/) override {
    return duckdb::timestamp_t(0);
  }
  duckdb::vector<duckdb::OpenFileInfo> Glob(const duckdb::string& path,
                                            duckdb::FileOpener* /*opener*/) override {
    return {duckdb::OpenFileInfo(path)};
  }
  void Seek(duckdb::FileHandle& handle, duckdb::idx_t location) override {
    handle.Cast<ObjectHandle>().position = location;
  }
  void Reset(duckdb::FileHandle& handle) override { Seek(handle, 0); }
  duckdb::idx_t SeekPosition(duckdb::FileHandle& handle) override {
    return handle.Cast<ObjectHandle>().position;
  }
  bool CanSeek() override { return true; }
  bool OnDiskFile(duckdb::FileHandle& /*handle*/) override { return false; }
  bool FileExists(const duckdb::string& filename,
                  duckdb::optional_ptr<duckdb::FileOpener> /*opener*/) override {
    return CanHandleFile(filename);
  }
  bool IsPipe(const duckdb::string& /*filename*/,
              duckdb::optional_ptr<duckdb::FileOpener> /*opener*/) override {
    return false;
  }
  bool CanHandleFile(const duckdb::string& path) override { return path.rfind(kPrefix, 0) == 0; }
  std::string GetName() const override { return "livedata-objects"; }

 private:
  ObjectStore& store_;
  const Deadline deadline_;
};

}  // namespace

void add_object_files(duckdb_database database, ObjectStore& store, const Deadline& deadline) {
  auto& wrapper = *reinterpret_cast<duckdb::DatabaseWrapper*>(database);
  wrapper.database->GetFileSystem().RegisterSubSystem(
      duckdb::make_uniq<ObjectFiles>(store, deadline));
}

std::string object_path(std::string_view key) { return std::string(kPrefix) + std::string(key); }

}  // namespace livedata::archive
