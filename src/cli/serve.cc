#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>

#include "app/application.h"
#include "app/doors.h"
#include "cli/commands.h"
#include "cli/configuration.h"

namespace livedata::cli {
namespace {

struct ServeFlags {
  std::map<std::string, std::string> overrides;
  std::string config_file;
  std::vector<std::string> files;
};

int report(const Error& error) {
  fmt::print(stderr, "livedata: {}\n", error.message);
  return exit_code(error.code);
}

/// SIGINT and SIGTERM, taken by sigwait() in one thread and blocked in all others.
sigset_t stop_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  return signals;
}

/// Waits for a stop signal; a second one while the first is being obeyed ends the process at once.
void wait_for_stop() {
  const sigset_t signals = stop_signals();
  int received = 0;
  ::sigwait(&signals, &received);
  std::thread([] {
    const sigset_t again = stop_signals();
    int second = 0;
    ::sigwait(&again, &second);
    ::_exit(1);
  }).detach();
}

int serve(const ServeFlags& flags) {
  const sigset_t signals = stop_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  auto config = load_configuration(flags.config_file, flags.overrides);
  if (!config) return report(config.error());
  config->files = flags.files;
  auto app = Application::start(*config);
  if (!app) return report(app.error());
  fmt::print("livedata is ready: {}\ndata folder: {}\n", (*app)->url(), (*app)->data_folder());
  const Doors& doors = (*app)->doors();
  if (!doors.grpc_address().empty()) fmt::print("OTLP over gRPC: {}\n", doors.grpc_address());
  if (!doors.syslog_addresses().empty()) fmt::print("syslog: {}\n", doors.syslog_addresses());
  if (!doors.forward_addresses().empty()) fmt::print("forward: {}\n", doors.forward_addresses());
  std::fflush(stdout);
  ::malloc_trim(0);
  wait_for_stop();
  if (auto stopped = (*app)->stop(); !stopped) return report(stopped.error());
  return 0;
}

void add_flags(CLI::App& app, ServeFlags& flags) {
  const auto setting = [&](const char* flag, const char* key, const char* help) {
    app.add_option_function<std::string>(
        flag, [&flags, key](const std::string& value) { flags.overrides[key] = value; }, help);
  };
  setting("--data", "data.folder", "Folder for all data");
  setting("--listen", "server.listen", "HOST:PORT to listen on (default 127.0.0.1:3100)");
  setting("--syslog", "syslog.listen",
          "HOST:PORT for syslog over UDP and TCP (default 127.0.0.1:1514; '' for none)");
  setting("--log-level", "log.level", "debug, info, warn or error");
  app.add_flag_callback(
      "--no-collect", [&flags] { flags.overrides["collect.enabled"] = "false"; },
      "Do not collect this machine's metrics and logs");
  app.add_flag_callback(
      "--allow-unauthenticated",
      [&flags] { flags.overrides["server.allow_unauthenticated"] = "true"; },
      "Listen on addresses that other machines reach, without authentication");
  app.add_option("--config", flags.config_file, "YAML file with settings");
  app.add_option("--file", flags.files,
                 "Follow the log files of a pattern such as '/srv/**/*.log' (may be repeated)")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

}  // namespace

void add_serve(CLI::App& app, std::function<int()>& run) {
  const auto flags = std::make_shared<ServeFlags>();
  CLI::App* command = app.add_subcommand("serve", "Collect, store and serve (the default)");
  command->footer("Example: livedata serve --data /srv/livedata --listen 127.0.0.1:3100");
  add_flags(*command, *flags);
  add_flags(app, *flags);
  command->callback([&run, flags] { run = [flags] { return serve(*flags); }; });
  run = [flags] { return serve(*flags); };
}

}  // namespace livedata::cli
