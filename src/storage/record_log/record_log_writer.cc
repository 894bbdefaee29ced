#include "storage/record_log/record_log_writer.h"

#include "base/check.h"
#include "base/hash.h"
#include "encoding/byte_writer.h"
#include "storage/record_log/record_log_format.h"

namespace livedata::storage::record_log {

void append_record(std::string_view payload, std::string& out) {
  LIVEDATA_CHECK(payload.size() <= kMaxPayloadBytes);
  const std::size_t begin = out.size();
  encoding::ByteWriter writer(out);
  writer.u32(kMarker);
  writer.u32(static_cast<std::uint32_t>(payload.size()));
  writer.u32(crc32c(payload));
  writer.u32(crc32c(std::string_view(out).substr(begin)));
  writer.bytes(payload);
}

Result<RecordLogWriter> RecordLogWriter::create(FileSystem& files, const Path& path) {
  LIVEDATA_TRY(auto file, files.create(path));
  std::string header;
  encoding::ByteWriter writer(header);
  writer.bytes(kMagic);
  writer.u32(kVersion);
  writer.u32(0);
  LIVEDATA_RETURN_IF_ERROR(file->append(header));
  LIVEDATA_RETURN_IF_ERROR(file->sync());
  LIVEDATA_RETURN_IF_ERROR(files.sync_folder(path.parent_path()));
  return RecordLogWriter(files, path, std::move(file), kFileHeaderBytes);
}

Result<RecordLogWriter> RecordLogWriter::open(FileSystem& files, const Path& path,
                                              std::uint64_t size) {
  LIVEDATA_TRY(auto file, files.open_append(path));
  return RecordLogWriter(files, path, std::move(file), size);
}

Result<void> RecordLogWriter::write(std::string_view records) {
  if (poisoned_)
    return fail(ErrorCode::kIoError, "{} can't be written on after a failed write", path_.string());
  Result<void> written = file_->append(records);
  if (written) {
    size_ += records.size();
    return {};
  }
  // The descriptor appends, so the next write lands at the restored end.
  poisoned_ = true;
  if (files_->truncate(path_, size_)) {
    if (auto reopened = files_->open_append(path_); reopened) {
      file_ = *std::move(reopened);
      poisoned_ = false;
    }
  }
  return written;
}

Result<void> RecordLogWriter::sync() {
  if (poisoned_)
    return fail(ErrorCode::kIoError, "{} can't be written on after a failed write", path_.string());
  Result<void> synced = file_->sync();
  poisoned_ = !synced.has_value();
  return synced;
}

}  // namespace livedata::storage::record_log
