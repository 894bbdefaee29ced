#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>

#include "base/bytes.h"
#include "base/result.h"
#include "cli/commands.h"
#include "server/http/client.h"

namespace livedata::cli {
namespace {

constexpr std::size_t kBatchBytes = 1_MiB;
constexpr int kMaxTries = 8;

struct PushFlags {
  std::vector<std::string> files;
  std::string address = "http://127.0.0.1:3100";
  std::string service;
  std::vector<std::string> labels;
};

/// Sends lines in batches and counts them.
class Pusher {
 public:
  explicit Pusher(const PushFlags& flags) : flags_(flags) {}

  Result<void> push(std::istream& in, const std::string& name) {
    const std::string target = target_for(name);
    std::string batch;
    std::string line;
    while (std::getline(in, line)) {
      batch += line;
      batch += '\n';
      ++lines_;
      if (batch.size() >= kBatchBytes) LIVEDATA_RETURN_IF_ERROR(send(target, batch));
    }
    if (!batch.empty()) LIVEDATA_RETURN_IF_ERROR(send(target, batch));
    return {};
  }
  [[nodiscard]] std::size_t lines() const { return lines_; }

 private:
  [[nodiscard]] std::string target_for(const std::string& name) const {
    const std::string service =
        !flags_.service.empty() ? flags_.service : name.substr(name.rfind('/') + 1);
    std::string target = "/api/v1/push?service=" + server::percent_encode(service);
    if (name != "-") target += "&label.filename=" + server::percent_encode(name);
    for (const std::string& label : flags_.labels) {
      const std::size_t equals = label.find('=');
      target += "&label." + server::percent_encode(label.substr(0, equals)) + "=" +
                server::percent_encode(label.substr(equals + 1));
    }
    return target;
  }

  /// Waits and repeats while the server is busy or its disk is full.
  Result<void> send(const std::string& target, const std::string& batch) {
    for (int attempt = 1;; ++attempt) {
      LIVEDATA_TRY(const auto response,
                   server::http_request(flags_.address, "POST", target, "", batch));
      if (response.status == 200) return {};
      const bool may_retry = response.status == 429 || response.status == 503;
      if (!may_retry || attempt == kMaxTries)
        return fail(ErrorCode::kUnavailable, "the server refused lines: {}", response.body);
      if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "the server is busy, waiting\n");
      std::this_thread::sleep_for(std::chrono::seconds(attempt));
    }
  }

  const PushFlags& flags_;
  std::size_t lines_ = 0;
};

int run_push(const PushFlags& flags) {
  for (const std::string& label : flags.labels) {
    if (label.find('=') == std::string::npos) {
      fmt::print(stderr, "livedata push: --label {} is not of the form NAME=VALUE\n", label);
      return 2;
    }
  }
  Pusher pusher(flags);
  for (const std::string& file : flags.files) {
    Result<void> pushed;
    if (file == "-") {
      pushed = pusher.push(std::cin, "-");
    } else if (std::ifstream in(file); in) {
      pushed = pusher.push(in, file);
    } else {
      fmt::print(stderr, "livedata push: {} can't be read\n", file);
      return 3;
    }
    if (!pushed) {
      fmt::print(stderr, "livedata push: {}\n", pushed.error().message);
      return exit_code(pushed.error().code);
    }
  }
  fmt::print("{} lines stored\n", pusher.lines());
  return 0;
}

}  // namespace

void add_push(CLI::App& app, std::function<int()>& run) {
  const auto flags = std::make_shared<PushFlags>();
  CLI::App* command =
      app.add_subcommand("push", "Send files, or standard input as -, to a running livedata");
  command->footer("Example: livedata push /var/log/nginx/access.log --service nginx");
  command->add_option("files", flags->files, "Text or NDJSON files; - is standard input")
      ->required();
  command->add_option("--addr", flags->address, "Server (default http://127.0.0.1:3100)");
  command->add_option("--service", flags->service,
                      "Service name of the lines (default: the file's name)");
  command->add_option("--label", flags->labels, "NAME=VALUE, more than once for several");
  command->callback([&run, flags] { run = [flags] { return run_push(*flags); }; });
}

}  // namespace livedata::cli
