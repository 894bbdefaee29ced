#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/progress.h"
#include "cli/push_client.h"
#include "model/labels.h"

namespace livedata::cli {

/// Where records are sent to: what push and import have in common.
struct PushFlags {
  std::string address = "http://127.0.0.1:3100";
  std::string tenant;
  std::string give_up_after = "5m";
  std::vector<std::string> labels;

  /// `tenant_flag`: how the flag is called that names the tenant to store for.
  void add_to(CLI::App& command, const char* tenant_flag = "--tenant");
  /// A client that tells of waiting on `progress`, which must outlive it.
  [[nodiscard]] Result<PushClient> client(ProgressLine& progress) const;
  /// --label NAME=VALUE.
  [[nodiscard]] Result<std::vector<Label>> parse_labels() const;
};

}  // namespace livedata::cli
