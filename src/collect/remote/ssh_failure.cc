#include "collect/remote/ssh_failure.h"

#include <array>

#include <fmt/format.h>

namespace livedata::collect::remote {
namespace {

constexpr std::size_t kShown = 300;
constexpr int kCommandNotFound = 127;
constexpr int kSshFailed = 255;

struct Known {
  std::string_view words;  ///< of OpenSSH
  std::string_view reason;
  std::string_view message;  ///< {0} the destination
};
// The first one that is found counts.
constexpr std::array<Known, 21> kKnown = {{
    {"REMOTE HOST IDENTIFICATION HAS CHANGED", "host_key_changed",
     "the host key of {0} is not the one that known_hosts has: the machine was set up anew, or "
     "somebody stands in between. Nothing was sent. If the new key is right, remove the old one "
     "with ssh-keygen -R, log in once with ssh and compare the fingerprint"},
    {"host key is known for", "host_key_unknown",
     "the host key of {0} is not known yet. Log in once with ssh, as the user that livedata runs "
     "as, and compare the fingerprint"},
    {"Host key verification failed", "host_key_unknown",
     "the host key of {0} could not be verified. Log in once with ssh, as the user that livedata "
     "runs as, and compare the fingerprint"},
    {"Too many authentication failures", "permission_denied",
     "{0} has refused too many keys; name the right one: --ssh-option IdentityFile=PATH "
     "--ssh-option IdentitiesOnly=yes"},
    {"UNPROTECTED PRIVATE KEY FILE", "bad_key_file",
     "ssh does not take a key file that others may read: chmod 600 it"},
    {"Permission denied (", "permission_denied",
     "{0} does not let us in: it knows none of our keys. Copy one there with ssh-copy-id, or "
     "check the user's name; keys with a passphrase need an agent"},
    {"Could not resolve hostname", "unknown_host",
     "there is no such host as in {0}; check the name, and the name server"},
    {"Connection refused", "refused",
     "nothing listens at {0}: is sshd running there, and is the port right?"},
    {"No route to host", "unreachable",
     "there is no way to {0}: is the machine up, and does a firewall let SSH through?"},
    {"Network is unreachable", "unreachable", "there is no way to {0}: is the network up here?"},
    {"Connection timed out", "timeout",
     "{0} does not answer: is the machine up, and does a firewall let SSH through?"},
    {"Operation timed out", "timeout",
     "{0} does not answer: is the machine up, and does a firewall let SSH through?"},
    {"not responding", "timeout", "the connection to {0} has died without a word"},
    {"Bad configuration option", "bad_option", "ssh does not know an option"},
    {"keyword", "bad_option", "ssh does not take an option"},
    {"Bad owner or permissions", "bad_option", "ssh does not take its configuration file"},
    {"no matching", "no_common_algorithm",
     "ssh and {0} have no algorithm in common; see ssh_config(5) for how to allow older ones"},
    {"kex_exchange_identification", "closed",
     "{0} has closed the connection before the login: too many connections, or a firewall"},
    {"Connection reset", "closed", "the connection to {0} was reset"},
    {"Broken pipe", "closed", "the connection to {0} broke"},
    {"losed by", "closed", "{0} has closed the connection"},
}};

}  // namespace

std::string printable(std::string_view text, std::size_t max) {
  std::string out;
  for (const char c : text) {
    const bool is_plain = c > 0x20 && c < 0x7f;
    if (is_plain) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
    if (out.size() >= max) break;
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

SshFailure explain_failure(std::string_view said, int exit_code, const RemoteSpec& spec) {
  for (const Known& known : kKnown) {
    if (said.find(known.words) == std::string_view::npos) continue;
    SshFailure failure;
    failure.reason = known.reason;
    failure.message = fmt::format(fmt::runtime(known.message), spec.destination);
    // Of a changed key it is a page of warnings.
    if (known.reason != "host_key_changed")
      failure.message += fmt::format(" (ssh: {})", printable(said, kShown));
    return failure;
  }
  if (exit_code == kCommandNotFound) {
    return {.reason = "no_shell",
            .message = fmt::format("{} has no POSIX shell or no dd in its path: {}",
                                   spec.destination, printable(said, kShown))};
  }
  const std::string text = printable(said, kShown);
  if (exit_code == kSshFailed || exit_code < 0) {
    return {.reason = "ssh_failed",
            .message = fmt::format("ssh to {} has ended{}{}", spec.destination,
                                   text.empty() ? "" : ": ", text)};
  }
  return {.reason = "ended",
          .message = fmt::format("the shell on {} has ended with code {}{}{}", spec.destination,
                                 exit_code, text.empty() ? "" : ": ", text)};
}

SshFailure explain_loss(std::string_view said, int exit_code, const RemoteSpec& spec) {
  static constexpr std::array<std::string_view, 4> kOfSsh = {
      "Connection to ", "client_loop: ", "Timeout, server ", "Read from remote host "};
  std::string_view text;
  for (const std::string_view words : kOfSsh) {
    if (const std::size_t found = said.rfind(words); found != std::string_view::npos)
      text = said.substr(found);
  }
  if (!text.empty()) {
    return {.reason = "lost",
            .message = fmt::format("the connection to {} was lost (ssh: {})", spec.destination,
                                   printable(text, kShown))};
  }
  if (exit_code == kSshFailed || exit_code < 0) {
    return {.reason = "lost",
            .message = fmt::format("the connection to {} was lost", spec.destination)};
  }
  return {.reason = "ended",
          .message =
              fmt::format("the shell on {} has ended with code {}", spec.destination, exit_code)};
}

}  // namespace livedata::collect::remote
