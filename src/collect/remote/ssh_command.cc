#include "collect/remote/ssh_command.h"

#include <algorithm>

namespace livedata::collect::remote {

std::vector<std::string> ssh_command(const std::string& program, const RemoteSpec& spec,
                                     std::string_view command) {
  std::vector<std::string> words = {program, "-T"};
  const auto option = [&words](std::string_view text) {
    words.emplace_back("-o");
    words.emplace_back(text);
  };
  // ssh takes the first value that it gets of an option: these can't be overruled, ...
  option("BatchMode=yes");
  const bool has_own =
      std::any_of(spec.ssh_options.begin(), spec.ssh_options.end(), [](const std::string& own) {
        constexpr std::string_view kKey = "stricthostkeychecking=";
        return own.size() > kKey.size() &&
               std::equal(kKey.begin(), kKey.end(), own.begin(),
                          [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
      });
  // A file of configuration may say `no`. An own value was checked, see check_spec().
  if (!has_own) option("StrictHostKeyChecking=yes");
  option("ClearAllForwardings=yes");
  option("ForwardAgent=no");
  option("ForwardX11=no");
  option("PermitLocalCommand=no");
  option("RemoteCommand=none");
  for (const std::string& own : spec.ssh_options) option(own);
  // ... and these can.
  option("Compression=yes");
  option("ConnectTimeout=15");
  option("ServerAliveInterval=15");
  option("ServerAliveCountMax=3");
  option("LogLevel=ERROR");
  words.emplace_back("--");
  words.push_back(spec.destination);
  words.emplace_back(command);
  return words;
}

}  // namespace livedata::collect::remote
