#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "collect/remote/remote_spec.h"

namespace livedata::collect::remote {

/// The most remotes of one list.
constexpr std::size_t kMaxRemotes = 1000;

/// Compiles the text of a list: the key `remotes` with a list of maps. The first mistake is
/// kInvalidArgument and names file, line and column.
Result<std::vector<RemoteSpec>> parse_remotes(std::string_view yaml_text,
                                              std::string_view file_name);
/// The text that parse_remotes() reads.
std::string format_remotes(const std::vector<RemoteSpec>& remotes);

/// The list of remotes in a data folder: remotes.yaml, readable by its owner alone, replaced as a
/// whole. Whoever may write that folder may change what is run; so the list is not changed over
/// HTTP. Thread-safe, also among processes.
class RemoteList {
 public:
  explicit RemoteList(const Path& data_folder) : path_(data_folder / "remotes.yaml") {}

  /// An absent file is an empty list.
  [[nodiscard]] Result<std::vector<RemoteSpec>> load() const;
  /// Changes the list in one step; `change` may refuse.
  Result<void> change(const std::function<Result<void>(std::vector<RemoteSpec>&)>& change) const;
  /// Differs whenever the file has been replaced or changed; "" while there is none.
  [[nodiscard]] std::string version() const;
  [[nodiscard]] const Path& path() const { return path_; }

 private:
  [[nodiscard]] Result<void> store(std::string_view text) const;

  Path path_;
};

}  // namespace livedata::collect::remote
