// livedata_stages: what each stage of the write path costs by itself, on one core, beside what this
// machine does at most: seconds per GB of raw text.
#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "encoding/gram_filter.h"
#include "encoding/lz4_block.h"
#include "encoding/zstd.h"
#include "ingest/content.h"
#include "ingest/loki/push.h"
#include "loggen/line_generator.h"
#include "loggen/push_body.h"
#include "storage/columns/column_codec.h"
#include "storage/flush/block_builder.h"
#include "storage/flush/row_order.h"
#include "storage/head/head.h"
#include "storage/wal/wal.h"

namespace livedata::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Batches = std::vector<std::shared_ptr<const RecordBatch>>;

double seconds_of(const std::function<void()>& run) {
  const auto start = Clock::now();
  run();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class Stages {
 public:
  Stages(std::uint64_t bytes, std::string folder)
      : generator_(1, bytes, 1'760'000'000 * kNsPerSecond), folder_(std::move(folder)) {
    for (std::uint64_t i = 0; i < generator_.num_batches(); ++i) {
      const loggen::GeneratedBatch batch = generator_.batch(i);
      for (const loggen::GeneratedLine& line : batch.lines) text_ += line.text;
      json_.push_back(loggen::json_body(batch, generator_.streams()));
      protobuf_.push_back(loggen::protobuf_body(batch, generator_.streams()));
    }
  }

  void run() {
    fmt::print("| stage | s/GB | MB/s |\n|---|---:|---:|\n");
    parse();
    write_wal();
    flush();
    limits();
  }

 private:
  void report(std::string_view name, double seconds) const {
    const double gigabytes = static_cast<double>(text_.size()) / 1e9;
    fmt::print("| {} | {:.2f} | {:.0f} |\n", name, seconds / gigabytes, gigabytes * 1e3 / seconds);
  }

  void parse() {
    const ingest::DecodeContext context{limits_, 1'760'000'000 * kNsPerSecond};
    report("parse: Loki JSON", seconds_of([&] {
             for (const std::string& body : json_)
               static_cast<void>(ingest::loki::decode_json(body, context));
           }));
    std::vector<std::string> raw;
    const auto unsnappy = [&](const std::string& body) {
      return ingest::decompress(body, ingest::Encoding::kSnappy, limits_.max_expanded_body_bytes)
          .value_or(std::string());
    };
    report("parse: snappy", seconds_of([&] {
             for (const std::string& body : protobuf_) static_cast<void>(unsnappy(body));
           }));
    for (const std::string& body : protobuf_) raw.push_back(unsnappy(body));
    report("parse: Loki protobuf, level and service", seconds_of([&] {
             for (const std::string& body : raw) {
               auto decoded = ingest::loki::decode_protobuf(body, context);
               if (decoded)
                 batches_.push_back(std::make_shared<const RecordBatch>(std::move(decoded->batch)));
             }
           }));
  }

  void write_wal() {
    std::vector<std::string> records;
    report("WAL: encode and checksum", seconds_of([&] {
             for (const auto& batch : batches_) records.push_back(storage::Wal::encode(*batch));
           }));
    const std::string path = folder_ + "/livedata-stages.tmp";
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return;
    bool good = true;
    report("WAL: write", seconds_of([&] {
             for (const std::string& record : records)
               good = good && ::write(fd, record.data(), record.size()) > 0;
           }));
    const double sync = seconds_of([&] { good = good && ::fdatasync(fd) == 0; });
    report("WAL: one fdatasync for all of it", sync);
    ::close(fd);
    std::filesystem::remove(path);
    if (!good) fmt::print("writing to {} failed\n", path);
  }

  void flush() {
    storage::Head head;
    report("head: add", seconds_of([&] {
             for (const auto& batch : batches_) head.add(batch, Clock::now());
           }));
    Batches merged;
    for (const auto& batch : head.batches()) merged.push_back(batch->records);
    storage::RowOrder order;
    report("flush: sort", seconds_of([&] {
             auto windows = storage::split_by_window(merged, std::chrono::hours(24));
             std::vector<storage::SortedRow> rows;
             for (auto& [start, window] : windows)
               rows.insert(rows.end(), window.begin(), window.end());
             order = storage::order_rows(merged, std::move(rows));
           }));
    std::vector<RecordBatch::Columns> blocks;
    report("flush: gather rows into blocks", seconds_of([&] {
             storage::BlockBuilder builder;
             for (const auto& batch : merged) builder.attach(*batch);
             for (const storage::SortedRow& row : order.rows) {
               builder.add(row.batch, row.row, row.stream);
               if (builder.raw_bytes() >= 1_MiB) blocks.push_back(builder.take());
             }
             if (!builder.empty()) blocks.push_back(builder.take());
           }));
    encode(blocks);
  }

  void encode(const std::vector<RecordBatch::Columns>& blocks) {
    std::string out;
    encoding::ByteWriter writer(out);
    report("flush: encode times, streams, fields", seconds_of([&] {
             for (const RecordBatch::Columns& block : blocks) {
               storage::columns::encode_timestamps(block.timestamps, writer);
               storage::columns::encode_ordinals(block.stream_ordinals, writer);
               for (const FieldColumn& field : block.field_columns) {
                 storage::columns::encode_field_column(field, block.timestamps.size(),
                                                       encoding::TextCodec::zstd(1), writer);
               }
             }
           }));
    report("flush: gram filters", seconds_of([&] {
             encoding::GramFilterBuilder grams;
             for (const RecordBatch::Columns& block : blocks) {
               grams.clear();
               for (std::size_t row = 0; row < block.lines.size(); ++row)
                 grams.add(block.lines[row]);
               grams.finish(0.5).encode(writer);
             }
           }));
    for (const RecordBatch::Columns& block : blocks) {  // warm up: let the heap grow
      out.clear();
      storage::columns::encode_string_column(block.lines, encoding::TextCodec::zstd(1), writer);
    }
    for (const char* codec : {"lz4", "zstd-1", "zstd-3", "zstd-9", "zstd-12"}) {
      std::size_t packed = 0;
      const double seconds = seconds_of([&] {
        for (const RecordBatch::Columns& block : blocks) {
          out.clear();
          storage::columns::encode_string_column(block.lines, *encoding::TextCodec::parse(codec),
                                                 writer);
          packed += out.size();
        }
      });
      report(fmt::format("flush: lines with {}, {:.2f}x smaller", codec,
                         static_cast<double>(text_.size()) / static_cast<double>(packed)),
             seconds);
    }
  }

  /// What the machine does at most with the same text.
  void limits() {
    std::string copy(text_.size(), '\0');
    report("limit: memcpy",
           seconds_of([&] { std::memcpy(copy.data(), text_.data(), text_.size()); }));
    std::uint32_t crc = 0;
    report("limit: CRC-32C", seconds_of([&] { crc = crc32c(text_); }));
    std::size_t packed = crc % 2;
    const auto in_blocks = [&](const auto& compress) {
      for (std::size_t at = 0; at < text_.size(); at += 1_MiB)
        packed += compress(std::string_view(text_).substr(at, 1_MiB)).size();
    };
    report("limit: lz4, in time order", seconds_of([&] { in_blocks(encoding::lz4_compress); }));
    report("limit: zstd -1, in time order", seconds_of([&] {
             in_blocks([](std::string_view block) { return encoding::zstd_compress(block, 1); });
           }));
    fsync_latency(packed);
  }

  void fsync_latency(std::size_t seed) const {
    const std::string path = folder_ + "/livedata-stages.tmp";
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return;
    constexpr int kTimes = 50;
    const std::string page(4096, static_cast<char>(seed));
    bool good = true;
    const double seconds = seconds_of([&] {
      for (int i = 0; i < kTimes; ++i)
        good = good && ::write(fd, page.data(), page.size()) > 0 && ::fdatasync(fd) == 0;
    });
    ::close(fd);
    std::filesystem::remove(path);
    if (good) fmt::print("\nfdatasync of 4 KiB: {:.2f} ms\n", seconds / kTimes * 1e3);
  }

  loggen::LineGenerator generator_;
  std::string folder_;
  Limits limits_;
  std::string text_;
  std::vector<std::string> json_;
  std::vector<std::string> protobuf_;
  Batches batches_;
};

}  // namespace
}  // namespace livedata::bench

int main(int argc, char** argv) {
  std::uint64_t bytes = 200'000'000;
  std::string folder = ".";
  CLI::App app("Costs of the write path by stage, and the limits of this machine");
  app.add_option("--bytes", bytes, "Bytes of lines, about; all are held in memory");
  app.add_option("--folder", folder, "Where a file may be written");
  CLI11_PARSE(app, argc, argv);
  // As the server has it: buffers are made of pages that are there already.
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  livedata::bench::Stages(bytes, folder).run();
  return 0;
}
