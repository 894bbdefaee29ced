#include "cli/records/record_output.h"

#include <cstdio>
#include <filesystem>

#include "archive/parquet/parquet_writer.h"
#include "base/file_system.h"
#include "base/time_format.h"
#include "cli/records/sorted_records.h"
#include "server/records/record_csv.h"
#include "server/records/record_json.h"

namespace livedata::cli {
namespace {

/// All groups together: a file may hold logs and metrics.
storage::ColumnNames names_of(const RecordBatch& batch) {
  storage::ColumnNames all;
  for (const auto& [group, names] : storage::count_columns(batch).groups) {
    all.rows += names.rows;
    for (const auto& [label, rows] : names.labels) all.labels[label] += rows;
    for (const auto& [field, rows] : names.fields) all.fields[field] += rows;
  }
  return all;
}

std::string text_of(const RecordBatch& batch, RecordFormat format) {
  std::string text;
  if (format == RecordFormat::kCsv) {
    server::records::append_csv(batch, text);
  } else {
    server::records::append_json(batch, text);
  }
  return text;
}

class Output {
 public:
  Output(RecordStream& stream, const OutputTarget& target, const OnRecords& on_records)
      : stream_(stream), target_(target), on_records_(on_records) {}

  Result<void> write_stdout() {
    const auto write = [](std::string_view text) -> Result<void> {
      if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return {};
      return fail(ErrorCode::kIoError, "standard output can't be written");
    };
    if (target_.format == RecordFormat::kCsv)
      LIVEDATA_RETURN_IF_ERROR(write(server::records::csv_header()));
    for (;;) {
      LIVEDATA_TRY(const auto batch, stream_.next());
      if (batch == nullptr) break;
      LIVEDATA_RETURN_IF_ERROR(write(text_of(*batch, target_.format)));
      on_records_(*batch);
    }
    if (std::fflush(stdout) != 0)
      return fail(ErrorCode::kIoError, "standard output can't be written");
    return {};
  }

  Result<void> write_parts(SortedRecords::Parts parts,
                           const std::function<Path(TimestampNs)>& name) {
    SortedRecords records(stream_, parts);
    bool is_first = true;
    for (;;) {
      LIVEDATA_TRY(const auto part, records.next_part());
      // Nothing to export is a file without records.
      if (!part && !(is_first && parts == SortedRecords::Parts::kOne)) return {};
      is_first = false;
      LIVEDATA_RETURN_IF_ERROR(write_file(records, name(part.value_or(0))));
      if (!part) return {};
    }
  }

 private:
  Result<void> write_file(SortedRecords& records, const Path& path) {
    if (path.has_parent_path()) LIVEDATA_RETURN_IF_ERROR(files_.create_folders(path.parent_path()));
    const Path partial = path.string() + ".partial";
    auto written = target_.format == RecordFormat::kParquet ? write_parquet(records, partial)
                                                            : write_text(records, partial);
    if (written) return files_.rename(partial, path);
    // The first error is the one to tell.
    static_cast<void>(files_.remove(partial));
    return written;
  }

  Result<void> write_parquet(SortedRecords& records, const Path& path) {
    LIVEDATA_TRY(auto first, records.next());
    archive::ParquetWriteOptions options;
    if (first != nullptr) options.columns = archive::choose_columns(names_of(*first));
    return archive::write_parquet(
        path, options, [&]() -> Result<std::shared_ptr<const RecordBatch>> {
          std::shared_ptr<const RecordBatch> batch = std::exchange(first, nullptr);
          if (batch == nullptr) {
            LIVEDATA_TRY(batch, records.next());
          }
          if (batch != nullptr) on_records_(*batch);
          return batch;
        });
  }

  Result<void> write_text(SortedRecords& records, const Path& path) {
    LIVEDATA_TRY(const auto file, files_.create(path));
    if (target_.format == RecordFormat::kCsv)
      LIVEDATA_RETURN_IF_ERROR(file->append(server::records::csv_header()));
    for (;;) {
      LIVEDATA_TRY(const auto batch, records.next());
      if (batch == nullptr) return file->sync();
      LIVEDATA_RETURN_IF_ERROR(file->append(text_of(*batch, target_.format)));
      on_records_(*batch);
    }
  }

  RecordStream& stream_;
  const OutputTarget& target_;
  const OnRecords& on_records_;
  PosixFileSystem files_;
};

const char* extension(RecordFormat format) {
  switch (format) {
    case RecordFormat::kParquet:
      return "parquet";
    case RecordFormat::kCsv:
      return "csv";
    case RecordFormat::kNdjson:
      break;
  }
  return "ndjson";
}

}  // namespace

Result<void> write_records(RecordStream& stream, const OutputTarget& target,
                           const OnRecords& on_records) {
  Output output(stream, target, on_records);
  if (target.path == "-") {
    if (target.format == RecordFormat::kParquet) {
      return fail(ErrorCode::kInvalidArgument,
                  "a Parquet file can't go to standard output; name a file or folder");
    }
    return output.write_stdout();
  }
  std::error_code ignored;
  const bool is_folder =
      target.path.ends_with('/') || std::filesystem::is_directory(target.path, ignored);
  if (!is_folder) {
    return output.write_parts(SortedRecords::Parts::kOne,
                              [&](TimestampNs) { return Path(target.path); });
  }
  return output.write_parts(SortedRecords::Parts::kDays, [&](TimestampNs time) {
    constexpr std::size_t kDateLength = 10;
    return Path(target.path) / ("day=" + format_rfc3339(time).substr(0, kDateLength)) /
           fmt::format("records.{}", extension(target.format));
  });
}

}  // namespace livedata::cli
