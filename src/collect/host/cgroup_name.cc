#include "collect/host/cgroup_name.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace livedata::collect::host {
namespace {

constexpr std::size_t kMinId = 12;

bool is_container_id(std::string_view text) {
  return text.size() >= kMinId && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool take_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

struct Prefix {
  std::string_view text;
  std::string_view runtime;
};
// How container engines name scopes under systemd.
constexpr std::array<Prefix, 6> kScopes = {{{"docker-", "docker"},
                                            {"libpod-", "podman"},
                                            {"cri-containerd-", "containerd"},
                                            {"crio-", "cri-o"},
                                            {"nerdctl-", "containerd"},
                                            {"machine-", "nspawn"}}};
// And folders without it.
constexpr std::array<Prefix, 5> kFolders = {{{"docker", "docker"},
                                             {"libpod_parent", "podman"},
                                             {"containerd", "containerd"},
                                             {"lxc", "lxc"},
                                             {"kubepods", "kubernetes"}}};

/// The container that the path's last part stands for, if it stands for one.
void name_container(std::string_view path, std::string_view last, CgroupName& name) {
  std::string_view scope = last;
  const bool is_scope = take_suffix(scope, ".scope");
  for (const auto& [prefix, runtime] : kScopes) {
    if (!is_scope || !scope.starts_with(prefix)) continue;
    const std::string_view id = scope.substr(prefix.size());
    if (runtime != "nspawn" && !is_container_id(id)) continue;  // such as libpod-conmon-...
    name.container_id = runtime == "nspawn" ? unescape_unit(id) : std::string(id);
    name.runtime = runtime;
    return;
  }
  if (last.starts_with("lxc.payload.")) {
    name.container_id = last.substr(std::string_view("lxc.payload.").size());
    name.runtime = "lxc";
    return;
  }
  const std::string_view parents = path.substr(0, path.size() - last.size());
  for (const auto& [folder, runtime] : kFolders) {
    const std::size_t at = parents.find(folder);
    if (at == std::string_view::npos || at == 0 || parents[at - 1] != '/') continue;
    if (runtime != "lxc" && !is_container_id(last)) continue;
    name.container_id = last;
    name.runtime = runtime;
    return;
  }
}

}  // namespace

std::string unescape_unit(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    unsigned code = 0;
    if (text.size() >= 4 && text.starts_with("\\x") &&
        std::from_chars(text.data() + 2, text.data() + 4, code, 16).ptr == text.data() + 4) {
      out += static_cast<char>(code);
      text.remove_prefix(4);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

CgroupName name_cgroup(std::string_view path) {
  CgroupName name;
  const std::string_view last = path.substr(path.rfind('/') + 1);
  name_container(path, last, name);
  // The unit is the innermost part that is one.
  for (std::string_view rest = path; !rest.empty();) {
    const std::size_t slash = rest.rfind('/');
    const std::string_view part = rest.substr(slash + 1);  // npos + 1 is 0
    rest = rest.substr(0, slash == std::string_view::npos ? 0 : slash);
    if (part.ends_with(".service") || part.ends_with(".scope") || part.ends_with(".slice")) {
      name.unit = part;
      break;
    }
  }
  if (!name.container_id.empty()) {
    name.kind = CgroupName::Kind::kContainer;
  } else if (last.ends_with(".service") || last.ends_with(".scope")) {
    name.kind = CgroupName::Kind::kService;
  } else if (last.ends_with(".slice")) {
    name.kind = CgroupName::Kind::kSlice;
  }
  return name;
}

std::string_view kind_name(CgroupName::Kind kind) {
  switch (kind) {
    case CgroupName::Kind::kContainer:
      return "container";
    case CgroupName::Kind::kService:
      return "service";
    case CgroupName::Kind::kSlice:
      return "slice";
    case CgroupName::Kind::kOther:
      break;
  }
  return "other";
}

}  // namespace livedata::collect::host
