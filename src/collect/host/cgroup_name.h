#pragma once

#include <string>
#include <string_view>

namespace livedata::collect::host {

/// What a cgroup stands for, as far as its path tells.
struct CgroupName {
  enum class Kind { kOther, kService, kSlice, kContainer };
  Kind kind = Kind::kOther;
  std::string unit;          ///< of systemd: nginx.service, user.slice; "" without one
  std::string runtime;       ///< of a container: docker, containerd, cri-o, podman, lxc, kubernetes
  std::string container_id;  ///< of a container: its id or name
};

/// `path` as in /proc/PID/cgroup: /system.slice/docker-0123.scope
CgroupName name_cgroup(std::string_view path);

/// "container", "service", "slice" or "other".
std::string_view kind_name(CgroupName::Kind kind);

/// Undoes systemd's escapes in a unit's name: `a\x2db` is `a-b`.
std::string unescape_unit(std::string_view text);

}  // namespace livedata::collect::host
