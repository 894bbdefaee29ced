#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/files/line_reader.h"
#include "cli/files/named_files.h"
#include "cli/push_flags.h"
#include "cli/text_push.h"
#include "model/limits.h"
#include "model/service_name.h"

namespace livedata::cli {
namespace {

constexpr auto kMaxWait = std::chrono::seconds(1);  // of a line from a pipe
struct Flags {
  PushFlags to;
  std::vector<std::string> files;
  std::string service;
};

/// Sends files one after the other.
class FilesPush {
 public:
  FilesPush(const Flags& flags, std::vector<Label> labels, PushClient& client,
            ProgressLine& progress)
      : flags_(flags), labels_(std::move(labels)), client_(client), progress_(progress) {
    for (const std::string& file : flags.files) total_bytes_ += facts_of(file).size;
  }

  Result<void> push(const std::string& path) {
    const FileFacts facts = facts_of(path);
    TextPush text(
        {labels_of(path), facts.changed,
         facts.changed ? std::chrono::nanoseconds(0) : std::chrono::nanoseconds(kMaxWait)},
        clock_, client_);
    LineReader reader(Limits().max_line_bytes);
    auto read = reader.read(path, kMaxWait,
                            {.line =
                                 [&](std::string_view line) {
                                   draw(path, reader, facts);
                                   return text.add(line);
                                 },
                             .idle = [&] { return text.flush(); }});
    done_bytes_ += facts.size;
    // What was read of a damaged file is worth keeping.
    const bool may_send = read || read.error().code == ErrorCode::kCorrupt;
    if (may_send) LIVEDATA_RETURN_IF_ERROR(text.flush());
    return read;
  }

 private:
  [[nodiscard]] std::vector<Label> labels_of(const std::string& path) const {
    std::vector<Label> labels = {{std::string(kServiceNameLabel),
                                  flags_.service.empty() ? service_of(path) : flags_.service}};
    if (path != kStdin) labels.push_back({"filename", path});
    labels.insert(labels.end(), labels_.begin(), labels_.end());
    return labels;
  }

  void draw(const std::string& path, const LineReader& reader, const FileFacts& facts) {
    if (++lines_ % 1024 != 0) return;
    const std::uint64_t read = done_bytes_ + std::min(reader.bytes_read(), facts.size);
    progress_.update({.what = service_of(path),
                      .share = total_bytes_ == 0
                                   ? -1
                                   : static_cast<double>(read) / static_cast<double>(total_bytes_),
                      .records = lines_,
                      .bytes = read});
  }

  const Flags& flags_;
  const std::vector<Label> labels_;
  PushClient& client_;
  ProgressLine& progress_;
  SystemClock clock_;
  std::uint64_t total_bytes_ = 0;
  std::uint64_t done_bytes_ = 0;
  std::uint64_t lines_ = 0;
};

int report(const Error& error) {
  fmt::print(stderr, "livedata push: {}\n", error.message);
  return exit_code(error.code);
}

int run_push(const Flags& flags) {
  ProgressLine progress;
  auto labels = flags.to.parse_labels();
  if (!labels) return report(labels.error());
  auto client = flags.to.client(progress);
  if (!client) return report(client.error());
  FilesPush files(flags, *std::move(labels), *client, progress);
  int worst = 0;
  for (const std::string& file : flags.files) {
    const auto pushed = files.push(file);
    progress.clear();
    if (pushed) continue;
    worst = report(Error(pushed.error()).with_context(file == kStdin ? "standard input" : file));
    // The other files would meet the same server.
    const ErrorCode code = pushed.error().code;
    if (code != ErrorCode::kNotFound && code != ErrorCode::kPermissionDenied &&
        code != ErrorCode::kCorrupt && code != ErrorCode::kIoError)
      break;
  }
  const int refused = report_refusals("push", *client);
  fmt::print("{} lines stored\n", client->stored());
  return worst != 0 ? worst : refused;
}

}  // namespace

void add_push(CLI::App& app, std::function<int()>& run) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand(
      "push", "Send files, also .gz and .zst, or standard input as -, to a running livedata");
  command->footer(
      "Lines are of the time that they state, else of the file's. The same file may be sent again: "
      "what is stored already is not doubled.\n"
      "Examples: livedata push /var/log/nginx/access.log* --service nginx\n"
      "          make 2>&1 | livedata push - --service build --label branch=main");
  command->add_option("files", flags->files, "Text or NDJSON files; - is standard input")
      ->required();
  flags->to.add_to(*command);
  command->add_option("--service", flags->service,
                      "Service name of the lines (default: the file's name)");
  command->add_option("--label", flags->to.labels, "NAME=VALUE, more than once for several");
  command->callback([&run, flags] { run = [flags] { return run_push(*flags); }; });
}

}  // namespace livedata::cli
