#include "collect/remote/remote_spec.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace livedata::collect::remote {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxDestination = 320;
constexpr std::size_t kMaxOptions = 64;
constexpr std::size_t kMaxText = 1024;
constexpr std::size_t kMaxFiles = 64;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool consists_of(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [others](char c) {
    return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
  });
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// What decides how a session works is ours.
Result<void> check_option(std::string_view option) {
  const bool is_clean =
      option.size() <= kMaxText && std::none_of(option.begin(), option.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
      });
  const std::size_t equals = option.find('=');
  if (!is_clean || equals == 0 || equals == std::string_view::npos ||
      !consists_of(option.substr(0, equals), "")) {
    return fail(ErrorCode::kInvalidArgument,
                "'{}' is not an option of ssh_config(5) such as Port=2222 or IdentityFile=/path",
                option);
  }
  const std::string key = lower(option.substr(0, equals));
  const std::string value = lower(option.substr(equals + 1));
  if (key == "stricthostkeychecking" && value != "yes" && value != "accept-new") {
    return fail(ErrorCode::kInvalidArgument,
                "host keys are always checked; log in once with ssh and compare the fingerprint, "
                "or use StrictHostKeyChecking=accept-new");
  }
  static constexpr std::array<std::string_view, 7> kOurs = {
      "batchmode",   "requesttty", "remotecommand",
      "sessiontype", "stdinnull",  "forkafterauthentication",
      "localcommand"};
  if (std::find(kOurs.begin(), kOurs.end(), key) != kOurs.end())
    return fail(ErrorCode::kInvalidArgument, "the option {} is set by livedata",
                option.substr(0, equals));
  return {};
}

Result<void> check_path(std::string_view path, std::string_view more) {
  if (path.starts_with('/') && path.size() <= kMaxText && consists_of(path, more)) return {};
  return fail(ErrorCode::kInvalidArgument, "'{}' is not an absolute path of letters, digits and {}",
              path, more);
}

}  // namespace

Result<void> check_spec(const RemoteSpec& spec) {
  if (spec.name.empty() || spec.name.size() > kMaxName || !is_letter_or_digit(spec.name.front()) ||
      !consists_of(spec.name, "._-")) {
    return fail(ErrorCode::kInvalidArgument,
                "'{}' is not a name of up to {} letters, digits, '.', '_' and '-'", spec.name,
                kMaxName);
  }
  // What begins with - would be an option of ssh.
  if (spec.destination.empty() || spec.destination.size() > kMaxDestination ||
      spec.destination.front() == '-' || spec.destination.find("@-") != std::string::npos ||
      !consists_of(spec.destination, "@._-:[]%+/\\")) {
    return fail(ErrorCode::kInvalidArgument, "'{}' is not USER@HOST", spec.destination);
  }
  if (spec.ssh_options.size() > kMaxOptions || spec.files.size() > kMaxFiles)
    return fail(ErrorCode::kInvalidArgument, "at most {} options and {} files are allowed",
                kMaxOptions, kMaxFiles);
  for (const std::string& option : spec.ssh_options) LIVEDATA_RETURN_IF_ERROR(check_option(option));
  if (!spec.journal_folder.empty())
    LIVEDATA_RETURN_IF_ERROR(check_path(spec.journal_folder, "/._-+@:"));
  for (const std::string& file : spec.files)
    LIVEDATA_RETURN_IF_ERROR(check_path(file, "/._-+@:,=%*?[]"));
  return {};
}

std::string default_name(std::string_view destination) {
  if (destination.starts_with("ssh://")) destination.remove_prefix(6);
  if (const std::size_t at = destination.rfind('@'); at != std::string_view::npos)
    destination.remove_prefix(at + 1);
  destination = destination.substr(0, destination.find_first_of(":/]%"));
  if (destination.starts_with('[')) destination.remove_prefix(1);
  return std::string(destination);
}

}  // namespace livedata::collect::remote
