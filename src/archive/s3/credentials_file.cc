#include "archive/s3/credentials_file.h"

#include <algorithm>

namespace livedata::archive::s3 {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

void take(std::string_view line, Credentials& credentials) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return;
  const std::string_view name = trimmed(line.substr(0, equals));
  const std::string_view value = trimmed(line.substr(equals + 1));
  if (name == "aws_access_key_id") credentials.access_key_id = value;
  if (name == "aws_secret_access_key") credentials.secret_access_key = value;
  if (name == "aws_session_token") credentials.session_token = value;
}

}  // namespace

std::optional<Credentials> find_profile(std::string_view text, std::string_view profile) {
  Credentials credentials;
  bool is_inside = false;
  while (!text.empty()) {
    const std::string_view line = trimmed(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    if (line.starts_with('[') && line.ends_with(']')) {
      is_inside = trimmed(line.substr(1, line.size() - 2)) == profile;
    } else if (is_inside && !line.starts_with('#') && !line.starts_with(';')) {
      take(line, credentials);
    }
  }
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) return {};
  return credentials;
}

}  // namespace livedata::archive::s3
