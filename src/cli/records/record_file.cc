#include "cli/records/record_file.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "archive/parquet/parquet_reader.h"
#include "base/bytes.h"
#include "encoding/stream_decompressor.h"
#include "server/records/record_csv.h"
#include "server/records/record_json.h"

namespace livedata::cli {
namespace {

constexpr std::size_t kReadBytes = 256_KiB;
constexpr std::size_t kBatchBytes = 1_MiB;
constexpr std::size_t kMaxLineBytes = 64_MiB;
constexpr std::string_view kParquetMagic = "PAR1";

struct CloseFile {
  void operator()(std::FILE* file) const {
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): its owner calls this
    if (file != stdin) static_cast<void>(std::fclose(file));
  }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

/// Turns the text of a file into records: NDJSON where it begins with a brace, else CSV.
class RecordText {
 public:
  RecordText(const TakeRecords& take, const Deadline& deadline)
      : take_(take), deadline_(deadline) {}

  Result<void> add(std::string_view text) {
    if (!text.empty() && !is_json_) is_json_ = text.front() == '{';
    LIVEDATA_RETURN_IF_ERROR(is_json_.value_or(false) ? add_lines(text) : csv_.add(text, batch_));
    return batch_.size_bytes() < kBatchBytes ? Result<void>() : give();
  }

  Result<void> finish() {
    if (is_json_.value_or(false)) {
      if (!partial_.empty()) LIVEDATA_RETURN_IF_ERROR(add_line());
    } else if (is_json_) {
      LIVEDATA_RETURN_IF_ERROR(csv_.finish(batch_));
    }
    return batch_.empty() ? Result<void>() : give();
  }

  void count(std::size_t bytes) { bytes_read_ += bytes; }

 private:
  Result<void> add_lines(std::string_view text) {
    for (;;) {
      const std::size_t end = text.find('\n');
      partial_ += text.substr(0, end);
      if (partial_.size() > kMaxLineBytes)
        return fail(ErrorCode::kTooLarge, "line {} is longer than {} MiB", line_ + 1,
                    kMaxLineBytes >> 20U);
      if (end == std::string_view::npos) return {};
      text.remove_prefix(end + 1);
      LIVEDATA_RETURN_IF_ERROR(add_line());
    }
  }

  Result<void> add_line() {
    ++line_;
    if (partial_.ends_with('\r')) partial_.pop_back();
    auto parsed = partial_.empty() ? Result<void>() : server::records::parse_json(partial_, batch_);
    partial_.clear();
    if (parsed) return {};
    return fail(std::move(parsed).error().with_context(fmt::format("line {}", line_)));
  }

  Result<void> give() {
    LIVEDATA_RETURN_IF_ERROR(deadline_.check());
    return take_(std::exchange(batch_, RecordBatch()), bytes_read_);
  }

  const TakeRecords& take_;
  const Deadline& deadline_;
  std::optional<bool> is_json_;  // none: nothing has come yet
  std::string partial_;          // a line whose end has not come yet
  std::size_t line_ = 0;
  server::records::CsvReader csv_;
  RecordBatch batch_;
  std::uint64_t bytes_read_ = 0;
};

Result<void> read_parquet(const std::string& path, const Deadline& deadline,
                          const TakeRecords& take) {
  LIVEDATA_TRY(const auto reader, archive::ParquetReader::open(Path(path)));
  std::error_code ignored;
  const auto size = static_cast<double>(std::filesystem::file_size(path, ignored));
  const auto& groups = reader->description().row_groups;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    LIVEDATA_RETURN_IF_ERROR(deadline.check());
    LIVEDATA_TRY(RecordBatch batch,
                 reader->read({.first_row = groups[i].first_row, .num_rows = groups[i].num_rows}));
    const double share = static_cast<double>(i + 1) / static_cast<double>(groups.size());
    LIVEDATA_RETURN_IF_ERROR(take(std::move(batch), static_cast<std::uint64_t>(share * size)));
  }
  return {};
}

Result<void> read_text(std::FILE* file, std::string head, const Deadline& deadline,
                       const TakeRecords& take) {
  RecordText text(take, deadline);
  const auto decompressor =
      encoding::StreamDecompressor::make(encoding::detect_stream_format(head));
  std::string bytes = std::move(head);
  while (!bytes.empty()) {
    text.count(bytes.size());
    LIVEDATA_RETURN_IF_ERROR(
        decompressor->read(bytes, [&](std::string_view piece) { return text.add(piece); }));
    bytes.resize(kReadBytes);
    bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
  }
  if (std::ferror(file) != 0) return fail(ErrorCode::kIoError, "reading failed");
  if (!decompressor->is_complete())
    return fail(ErrorCode::kCorrupt, "the file ends within what is compressed");
  return text.finish();
}

bool may_have_records(const std::filesystem::path& path) {
  constexpr std::array<std::string_view, 3> kExtensions = {".parquet", ".ndjson", ".csv"};
  const std::string name = path.filename().string();
  return !name.ends_with(".partial") &&
         std::any_of(kExtensions.begin(), kExtensions.end(), [&](std::string_view extension) {
           return name.find(extension) != std::string::npos;
         });
}

}  // namespace

Result<void> read_record_file(const std::string& path, const Deadline& deadline,
                              const TakeRecords& take) {
  const File file(path == "-" ? stdin : std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return fail(ErrorCode::kNotFound, "{} can't be opened", path);
  std::string head(kParquetMagic.size(), '\0');
  head.resize(std::fread(head.data(), 1, head.size(), file.get()));
  auto done = head == kParquetMagic && file.get() != stdin
                  ? read_parquet(path, deadline, take)
                  : read_text(file.get(), std::move(head), deadline, take);
  return done ? done : fail(std::move(done).error().with_context(path));
}

std::vector<std::string> record_files_of(const std::vector<std::string>& arguments) {
  std::vector<std::string> out;
  for (const std::string& argument : arguments) {
    std::error_code error;
    if (!std::filesystem::is_directory(argument, error)) {
      out.push_back(argument);
      continue;
    }
    std::vector<std::string> inside;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argument, error)) {
      if (entry.is_regular_file(error) && may_have_records(entry.path()))
        inside.push_back(entry.path().string());
    }
    std::sort(inside.begin(), inside.end());
    out.insert(out.end(), inside.begin(), inside.end());
  }
  return out;
}

}  // namespace livedata::cli
