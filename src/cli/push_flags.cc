#include "cli/push_flags.h"

#include "base/time_format.h"

namespace livedata::cli {

void PushFlags::add_to(CLI::App& command, const char* tenant_flag) {
  command.add_option("--addr", address, "Server to send to (default http://127.0.0.1:3100)");
  command.add_option(tenant_flag, tenant, "Tenant to store for, sent as X-Scope-OrgID");
  command.add_option("--give-up-after", give_up_after,
                     "How long a busy or absent server is waited for (default 5m)");
}

Result<PushClient> PushFlags::client(ProgressLine& progress) const {
  LIVEDATA_TRY(const std::int64_t give_up, parse_duration(give_up_after));
  return PushClient(RetryingClient(
      {.address = address,
       .tenant = tenant,
       .give_up_after = std::chrono::nanoseconds(give_up),
       .on_wait = [&progress](const std::string& why) { progress.note(why + "; waiting"); },
       .sleep = {}}));
}

Result<std::vector<Label>> PushFlags::parse_labels() const {
  std::vector<Label> out;
  for (const std::string& label : labels) {
    const std::size_t equals = label.find('=');
    if (equals == std::string::npos || !is_label_name(label.substr(0, equals))) {
      return fail(ErrorCode::kInvalidArgument, "--label {} is not of the form NAME=VALUE", label);
    }
    out.push_back({label.substr(0, equals), label.substr(equals + 1)});
  }
  return out;
}

}  // namespace livedata::cli
