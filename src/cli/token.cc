#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <string>

#include <fmt/core.h>

#include "app/application.h"
#include "base/time_format.h"
#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/plain_text.h"
#include "query/logql/engine.h"
#include "server/json/json_writer.h"
#include "tenant/token_store.h"

namespace livedata::cli {
namespace {

struct TokenFlags {
  std::string config_file;
  std::string data_folder;
  std::string name;
  std::string id;
  std::string tenant = "default";
  std::string roles = "reader";
  std::vector<std::string> other_tenants;
  std::string streams;
  std::string lifetime;
  bool quiet = false;
};

int report(const Error& error) {
  fmt::print(stderr, "livedata token: {}\n", error.message);
  return exit_code(error.code);
}

/// The tokens of a data folder, also of one that a server has open.
class OpenTokens {
 public:
  static Result<std::unique_ptr<OpenTokens>> open(const TokenFlags& flags) {
    std::map<std::string, std::string> overrides;
    if (!flags.data_folder.empty()) overrides["data.folder"] = flags.data_folder;
    LIVEDATA_TRY(const Config config, load_configuration(flags.config_file, overrides));
    const Path folder = config.data_folder.empty() ? default_data_folder() : config.data_folder;
    auto out = std::make_unique<OpenTokens>();
    LIVEDATA_TRY(out->store_,
                 tenant::TokenStore::open({out->files_, out->clock_, tenant::system_random(),
                                           query::logql::parse_selector},
                                          folder / tenant::kTokenFile));
    return out;
  }

  tenant::TokenStore& store() { return *store_; }
  [[nodiscard]] TimestampNs now() const { return clock_.now(); }

 private:
  PosixFileSystem files_;
  SystemClock clock_;
  std::unique_ptr<tenant::TokenStore> store_;
};

Result<tenant::Token> wish_of(const TokenFlags& flags, TimestampNs now) {
  tenant::Token wish;
  wish.name = flags.name;
  LIVEDATA_TRY(wish.tenant, TenantId::parse(flags.tenant));
  LIVEDATA_TRY(wish.roles, tenant::Roles::parse(flags.roles));
  wish.other_tenants = flags.other_tenants;
  wish.streams = flags.streams;
  if (!flags.lifetime.empty()) {
    const auto lifetime = parse_duration(flags.lifetime);
    if (!lifetime || *lifetime <= 0) {
      return fail(ErrorCode::kInvalidArgument, "--lifetime is a duration such as 30d, not '{}'",
                  flags.lifetime);
    }
    wish.expires = now + *lifetime;
  }
  return wish;
}

int create(const TokenFlags& flags) {
  const auto tokens = OpenTokens::open(flags);
  if (!tokens) return report(tokens.error());
  auto wish = wish_of(flags, (*tokens)->now());
  if (!wish) return report(wish.error());
  const auto created = (*tokens)->store().create(*std::move(wish));
  if (!created) return report(created.error());
  fmt::print("{}\n", created->text);
  if (!flags.quiet) {
    fmt::print(stderr,
               "This is the only time that the token is shown. Send it as\n"
               "  Authorization: Bearer TOKEN\n"
               "or as the password beside any name. `livedata token revoke {}` ends it.\n",
               created->token.id);
  }
  return 0;
}

int list(const TokenFlags& flags) {
  const auto tokens = OpenTokens::open(flags);
  if (!tokens) return report(tokens.error());
  const auto all = (*tokens)->store().list();
  if (!all) return report(all.error());
  fmt::print("{:<12} {:<24} {:<16} {:<16} {:<20} {}\n", "ID", "NAME", "TENANT", "ROLES", "EXPIRES",
             "STREAMS");
  for (const tenant::Token& token : *all) {
    fmt::print("{:<12} {:<24} {:<16} {:<16} {:<20} {}\n", token.id, plain_text(token.name, 24),
               token.tenant.text(), token.roles.text(),
               token.expires ? format_rfc3339(*token.expires).substr(0, 19) : "never",
               plain_text(token.streams, 60));
  }
  return 0;
}

int revoke(const TokenFlags& flags) {
  const auto tokens = OpenTokens::open(flags);
  if (!tokens) return report(tokens.error());
  const auto revoked = (*tokens)->store().revoke(flags.id);
  if (!revoked) return report(revoked.error());
  fmt::print("'{}' is revoked; running servers refuse it within a second\n",
             plain_text(revoked->name, tenant::kMaxTokenNameBytes));
  return 0;
}

/// Reads the password from standard input: neither the list of processes nor a shell's history
/// shall have it.
int hash_password() {
  if (::isatty(STDIN_FILENO) != 0) {
    fmt::print(stderr,
               "livedata token: the password is read from standard input, such as\n"
               "  systemd-ask-password | livedata token hash-password\n");
    return exit_code(ErrorCode::kInvalidArgument);
  }
  std::string password;
  std::getline(std::cin, password);
  if (password.empty())
    return report({ErrorCode::kInvalidArgument, "standard input has no password"});
  fmt::print("{}\n", tenant::hash_secret(password, tenant::system_random()));
  return 0;
}

}  // namespace

void add_token(CLI::App& app, std::function<int()>& run) {
  const auto flags = std::make_shared<TokenFlags>();
  CLI::App* command = app.add_subcommand("token", "Who may send and ask: tokens and passwords");
  command->require_subcommand(1);
  command->footer(
      "Example: livedata token create grafana --role reader --tenant shop\n"
      "Works on the data folder, also of a running server. With auth.enabled the server asks for\n"
      "tokens; commands take theirs from the environment variable LIVEDATA_TOKEN.");
  const auto add_place = [flags](CLI::App* sub) {
    sub->add_option("--data", flags->data_folder, "Folder of the data");
    sub->add_option("--config", flags->config_file, "YAML file with settings");
  };
  CLI::App* made = command->add_subcommand("create", "Make a token and print it, once");
  made->add_option("name", flags->name, "What it is for, for people")->required();
  made->add_option("--role", flags->roles,
                   "writer, reader, admin, auditor or service; several with commas")
      ->capture_default_str();
  made->add_option("--tenant", flags->tenant, "Whose data it works with")->capture_default_str();
  made->add_option("--other-tenant", flags->other_tenants,
                   "Another tenant that it may name by X-Scope-OrgID; * for any");
  made->add_option("--streams", flags->streams, "Only these streams, such as {team=\"shop\"}");
  made->add_option("--lifetime", flags->lifetime, "After which it expires, such as 30d");
  made->add_flag("-q,--quiet", flags->quiet, "Nothing but the token");
  add_place(made);
  made->callback([&run, flags] { run = [flags] { return create(*flags); }; });
  CLI::App* listed = command->add_subcommand("list", "All tokens");
  add_place(listed);
  listed->callback([&run, flags] { run = [flags] { return list(*flags); }; });
  CLI::App* ended = command->add_subcommand("revoke", "End a token");
  ended->add_option("id", flags->id, "As `list` shows it")->required();
  add_place(ended);
  ended->callback([&run, flags] { run = [flags] { return revoke(*flags); }; });
  CLI::App* hashed = command->add_subcommand(
      "hash-password", "Hash the password on standard input, for the configuration");
  hashed->callback([&run] { run = hash_password; });
}

}  // namespace livedata::cli
