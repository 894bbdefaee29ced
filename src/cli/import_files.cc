#include "cli/import_files.h"

#include <filesystem>
#include <memory>

#include <fmt/core.h>

#include "base/bytes.h"
#include "base/logger.h"
#include "base/time_format.h"
#include "cli/files/interrupt.h"
#include "cli/push_flags.h"
#include "cli/records/record_file.h"
#include "server/records/record_json.h"
#include "storage/store.h"

namespace livedata::cli {
namespace {

// Well below what a server takes as one request.
constexpr std::size_t kRequestBytes = 4_MiB;
constexpr int kOk = 200;

struct ImportFlags {
  PushFlags to;
  std::string data_folder;
  std::vector<std::string> files;
};

/// Where imported records go to.
class Destination {
 public:
  virtual ~Destination() = default;
  virtual Result<void> add(RecordBatch&& batch) = 0;
  virtual Result<void> finish() { return {}; }
};

class Server : public Destination {
 public:
  explicit Server(RetryingClient client) : client_(std::move(client)) {}

  Result<void> add(RecordBatch&& batch) override {
    std::string text;
    for (RowIndex row = 0; row < batch.num_rows(); ++row) {
      server::records::append_json(batch, row, text);
      if (text.size() >= kRequestBytes) LIVEDATA_RETURN_IF_ERROR(send(std::exchange(text, {})));
    }
    return text.empty() ? Result<void>() : send(std::move(text));
  }

 private:
  Result<void> send(std::string text) {
    LIVEDATA_TRY(const auto response, client_.send({.method = "POST",
                                                    .target = "/api/v1/records",
                                                    .content_type = "application/x-ndjson",
                                                    .body = std::move(text)}));
    if (response.status == kOk) return {};
    return fail(ErrorCode::kInvalidArgument, "{} answers {}: {}", client_.address(),
                response.status, answer_text(response));
  }

  RetryingClient client_;
};

class DataFolder : public Destination {
 public:
  Result<void> open(const std::string& path) {
    storage::StoreOptions options;
    options.data_folder = path;
    options.compact_in_background = false;
    LIVEDATA_TRY(store_, storage::Store::open(options, storage::OpenMode::kReadWrite, files_,
                                              clock_, logger_, metrics_));
    return {};
  }
  Result<void> add(RecordBatch&& batch) override {
    return store_->append(TenantId::single(), std::move(batch));
  }
  Result<void> finish() override { return store_->close(); }

 private:
  PosixFileSystem files_;
  SystemClock clock_;
  Logger logger_{clock_, LogLevel::kWarn};
  MetricRegistry metrics_;
  std::unique_ptr<storage::Store> store_;
};

Result<std::unique_ptr<Destination>> open_destination(const ImportFlags& flags,
                                                      ProgressLine& progress) {
  if (!flags.data_folder.empty()) {
    auto folder = std::make_unique<DataFolder>();
    LIVEDATA_RETURN_IF_ERROR(folder->open(flags.data_folder));
    return folder;
  }
  LIVEDATA_TRY(const std::int64_t give_up, parse_duration(flags.to.give_up_after));
  return std::make_unique<Server>(RetryingClient(
      {.address = flags.to.address,
       .tenant = flags.to.tenant,
       .give_up_after = std::chrono::nanoseconds(give_up),
       .on_wait = [&progress](const std::string& why) { progress.note(why + "; waiting"); },
       .sleep = {}}));
}

std::uint64_t size_of(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

Result<std::uint64_t> import_files(const ImportFlags& flags, const Deadline& deadline) {
  ProgressLine progress;
  const auto files = record_files_of(flags.files);
  LIVEDATA_TRY(const auto destination, open_destination(flags, progress));
  std::uint64_t total = 0;
  for (const std::string& file : files) total += size_of(file);
  std::uint64_t done = 0;
  ProgressState state;
  for (const std::string& file : files) {
    state.what = file;
    const auto take = [&](RecordBatch&& batch, std::uint64_t bytes) -> Result<void> {
      const std::size_t rows = batch.num_rows();
      LIVEDATA_RETURN_IF_ERROR(destination->add(std::move(batch)));
      state.records += rows;
      state.bytes = done + bytes;
      if (total > 0) state.share = static_cast<double>(state.bytes) / static_cast<double>(total);
      progress.update(state);
      return {};
    };
    LIVEDATA_RETURN_IF_ERROR(read_record_file(file, deadline, take));
    done += size_of(file);
  }
  LIVEDATA_RETURN_IF_ERROR(destination->finish());
  return state.records;
}

int run_import(const ImportFlags& flags) {
  const Deadline deadline;
  const Interrupt interrupt(deadline);
  const auto done = import_files(flags, deadline);
  if (interrupt.exit_code() != 0) return interrupt.exit_code();
  if (!done) {
    fmt::print(stderr, "livedata import: {}\n", done.error().message);
    return exit_code(done.error().code);
  }
  fmt::print("{} records stored\n", *done);
  return 0;
}

}  // namespace

void add_import_files(CLI::App& command, std::function<int()>& run) {
  const auto flags = std::make_shared<ImportFlags>();
  command.footer(
      "Examples: livedata import shop.parquet january/    (from livedata export, or the archive)\n"
      "          livedata import loki http://loki:3100 --query '{job=~\".+\"}' --from 30d");
  command.add_option("files", flags->files,
                     "Parquet, CSV or NDJSON files of livedata export or the archive, also .gz and "
                     ".zst, or folders of such; - is standard input");
  command.add_option("--data", flags->data_folder,
                     "Data folder to store in without a server, which must not run");
  flags->to.add_to(command);
  command.callback([&run, &command, flags] {
    if (!command.get_subcommands().empty()) return;
    if (flags->files.empty()) throw CLI::RequiredError("files, or a command: loki or journal");
    run = [flags] { return run_import(*flags); };
  });
}

}  // namespace livedata::cli
