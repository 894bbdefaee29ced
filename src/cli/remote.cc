#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "app/application.h"
#include "base/time_format.h"
#include "cli/client/server_request.h"
#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/remote_table.h"
#include "collect/remote/probe.h"
#include "collect/remote/remote_list.h"

namespace livedata::cli {
namespace {

using collect::remote::RemoteList;
using collect::remote::RemoteSpec;

struct RemoteFlags {
  std::string data_folder;
  std::string config_file;
  std::string address = "http://127.0.0.1:3100";
  std::string output = "text";
  std::string timeout = "30s";
  RemoteSpec spec;
};

struct Place {
  Path data_folder;
  std::string ssh_command;
};

Result<Place> find_place(const RemoteFlags& flags) {
  std::map<std::string, std::string> overrides;
  if (!flags.data_folder.empty()) overrides["data.folder"] = flags.data_folder;
  LIVEDATA_TRY(const Config config, load_configuration(flags.config_file, overrides));
  const std::string folder =
      config.data_folder.empty() ? default_data_folder() : config.data_folder;
  return Place{.data_folder = folder, .ssh_command = config.remotes_ssh_command};
}

int report(const Error& error) {
  fmt::print(stderr, "livedata remote: {}\n", error.message);
  return exit_code(error.code);
}

Result<void> add(const RemoteFlags& flags) {
  RemoteSpec spec = flags.spec;
  if (spec.name.empty()) spec.name = collect::remote::default_name(spec.destination);
  LIVEDATA_RETURN_IF_ERROR(collect::remote::check_spec(spec));
  LIVEDATA_TRY(const Place place, find_place(flags));
  PosixFileSystem files;
  LIVEDATA_RETURN_IF_ERROR(files.create_folders(place.data_folder));
  const RemoteList list(place.data_folder);
  LIVEDATA_RETURN_IF_ERROR(list.change([&spec](std::vector<RemoteSpec>& remotes) -> Result<void> {
    const auto same = std::find_if(remotes.begin(), remotes.end(),
                                   [&](const RemoteSpec& r) { return r.name == spec.name; });
    if (same != remotes.end()) {
      return fail(ErrorCode::kAlreadyExists,
                  "there is a remote '{}' already ({}); choose another --name, or remove that one",
                  spec.name, same->destination);
    }
    remotes.push_back(spec);
    return {};
  }));
  fmt::print(
      "{} is added to {}. A livedata that runs on this folder connects within a second;\n"
      "`livedata remote list` tells how it is doing, `livedata remote test {}` tries it from "
      "here.\n",
      spec.name, list.path().string(), spec.name);
  return {};
}

Result<void> remove(const RemoteFlags& flags) {
  LIVEDATA_TRY(const Place place, find_place(flags));
  const RemoteList list(place.data_folder);
  const std::string& name = flags.spec.name;
  LIVEDATA_RETURN_IF_ERROR(list.change([&name](std::vector<RemoteSpec>& remotes) -> Result<void> {
    const auto found = std::find_if(remotes.begin(), remotes.end(),
                                    [&](const RemoteSpec& r) { return r.name == name; });
    if (found == remotes.end()) return fail(ErrorCode::kNotFound, "there is no remote '{}'", name);
    remotes.erase(found);
    return {};
  }));
  fmt::print("{} is removed; what it has sent stays stored\n", name);
  return {};
}

Result<void> show(const RemoteFlags& flags) {
  const auto response = send_to_server(flags.address, {.target = "/api/v1/remotes"});
  if (response && response->status == 200) {
    if (flags.output == "json") {
      fmt::print("{}\n", response->body);
      return {};
    }
    LIVEDATA_TRY(const std::string table, remote_table(response->body));
    std::fwrite(table.data(), 1, table.size(), stdout);
    return {};
  }
  LIVEDATA_TRY(const Place place, find_place(flags));
  LIVEDATA_TRY(const auto remotes, RemoteList(place.data_folder).load());
  if (flags.output == "json" && !response) return fail(response.error());
  fmt::print(stderr, "no livedata answers at {}; this is the list alone\n", flags.address);
  for (const RemoteSpec& spec : remotes) fmt::print("{}\t{}\n", spec.name, spec.destination);
  return {};
}

Result<bool> test(const RemoteFlags& flags) {
  LIVEDATA_TRY(const Place place, find_place(flags));
  LIVEDATA_TRY(const std::int64_t timeout, parse_duration(flags.timeout));
  LIVEDATA_TRY(const auto remotes, RemoteList(place.data_folder).load());
  RemoteSpec spec = flags.spec;
  const auto known = std::find_if(remotes.begin(), remotes.end(), [&flags](const RemoteSpec& r) {
    return r.name == flags.spec.destination;
  });
  if (known != remotes.end()) {
    spec = *known;
  } else {
    spec.name = collect::remote::default_name(spec.destination);
    LIVEDATA_RETURN_IF_ERROR(collect::remote::check_spec(spec));
  }
  const auto report =
      collect::remote::probe(spec, place.ssh_command, std::chrono::nanoseconds(timeout));
  for (const auto& [what, text] : report.facts) fmt::print("{:<12}{}\n", what, text);
  for (const std::string& warning : report.warnings) fmt::print("warning: {}\n", warning);
  if (report.failure) {
    fmt::print(stderr, "livedata remote: {} ({})\n", report.failure->message,
               report.failure->reason);
    return false;
  }
  fmt::print("{} works\n", spec.destination);
  return true;
}

void add_place(CLI::App& command, RemoteFlags& flags) {
  command.add_option("--data", flags.data_folder, "Data folder of the livedata that watches");
  command.add_option("--config", flags.config_file, "YAML file with settings");
}

void add_connection(CLI::App& command, RemoteFlags& flags) {
  command
      .add_option("--ssh-option", flags.spec.ssh_options,
                  "Option of ssh_config(5), such as Port=2222 (may be repeated)")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--journal-folder", flags.spec.journal_folder,
                     "Folder with the journal's files there, if it is not the usual one");
  command
      .add_option(
          "--file", flags.spec.files,
          "Log files there to follow, a pattern such as '/srv/*/log/*.log' (may be repeated)")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_flag_callback(
      "--no-journal", [&flags] { flags.spec.journal = false; }, "Read files, not the journal");
}

int finish(const Result<void>& outcome) { return outcome ? 0 : report(outcome.error()); }

}  // namespace

void add_remote(CLI::App& app, std::function<int()>& run) {
  const auto flags = std::make_shared<RemoteFlags>();
  CLI::App* command =
      app.add_subcommand("remote", "Watch other machines over SSH, with nothing installed there");
  command->require_subcommand(1);
  command->footer(
      "Example: livedata remote add root@web1\n"
      "ssh's own keys, agent, configuration and known hosts are used; log in once with ssh first.");

  CLI::App* adding = command->add_subcommand("add", "Watch a machine");
  adding
      ->add_option("destination", flags->spec.destination, "USER@HOST, or a Host of ~/.ssh/config")
      ->required();
  adding->add_option("--name", flags->spec.name, "What it is called (default: its host)");
  add_connection(*adding, *flags);
  add_place(*adding, *flags);
  adding->callback([&run, flags] { run = [flags] { return finish(add(*flags)); }; });

  CLI::App* listing = command->add_subcommand("list", "Show how they are doing");
  listing->add_option("--addr", flags->address, "Server to ask (default http://127.0.0.1:3100)");
  listing->add_option("-o,--output", flags->output, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  add_place(*listing, *flags);
  listing->callback([&run, flags] { run = [flags] { return finish(show(*flags)); }; });

  CLI::App* testing = command->add_subcommand("test", "Connect once, and tell what is there");
  testing->add_option("remote", flags->spec.destination, "Name of a remote, or USER@HOST")
      ->required();
  testing->add_option("--timeout", flags->timeout, "How long it may take (default 30s)");
  add_connection(*testing, *flags);
  add_place(*testing, *flags);
  testing->callback([&run, flags] {
    run = [flags] {
      const auto works = test(*flags);
      if (!works) return report(works.error());
      return *works ? 0 : exit_code(ErrorCode::kUnavailable);
    };
  });

  CLI::App* removing = command->add_subcommand("rm", "Watch a machine no more");
  removing->add_option("name", flags->spec.name, "Its name")->required();
  add_place(*removing, *flags);
  removing->callback([&run, flags] { run = [flags] { return finish(remove(*flags)); }; });
}

}  // namespace livedata::cli
