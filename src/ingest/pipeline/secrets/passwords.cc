// Secrets that are told by what stands in front of them.
#include <array>

#include "ingest/pipeline/secrets/finders.h"
#include "ingest/pipeline/secrets/text_scan.h"

namespace livedata::ingest::pipeline {
namespace {

constexpr std::size_t kMaxNameBytes = 64;

// As names end, in lower case and without '_', '-' and '.'.
constexpr std::array<std::string_view, 13> kSecretNames = {
    "password",  "passwd",    "passphrase", "pwd",         "secret",     "token",    "apikey",
    "accesskey", "secretkey", "privatekey", "credentials", "credential", "sessionid"};

constexpr bool is_name(char c) { return is_alnum(c) || c == '_' || c == '-' || c == '.'; }
constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }
constexpr bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

/// The first '=' or ':' at or behind `at`, or the size.
std::size_t next_separator(std::string_view text, std::size_t at) {
  return end_of(text, at, [](char c) { return c != '=' && c != ':'; });
}

/// The name that ends at a colon or equals sign, also in quotes, which may be escaped.
std::string_view name_before(std::string_view text, std::size_t at, std::size_t from) {
  const std::size_t stop = std::max(from, at - std::min(at, kMaxNameBytes + 4));
  std::size_t end = at;
  while (end > stop && is_blank(text[end - 1])) --end;
  if (end > stop && is_quote(text[end - 1])) --end;
  if (end > stop && text[end - 1] == '\\') --end;
  std::size_t begin = end;
  while (begin > stop && is_name(text[begin - 1])) --begin;
  return text.substr(begin, end - begin);
}

/// The value behind a colon or equals sign: in quotes all between them, else a word.
Span value_at(std::string_view text, std::size_t at) {
  std::size_t begin = end_of(text, at, is_blank);
  if (begin + 1 < text.size() && text[begin] == '\\' && is_quote(text[begin + 1])) {
    const std::size_t end = text.find(text.substr(begin, 2), begin + 2);
    return {begin + 2, std::min(end, text.size())};
  }
  if (begin < text.size() && is_quote(text[begin])) {
    const char quote = text[begin++];
    std::size_t end = begin;
    while (end < text.size() && text[end] != quote) end += text[end] == '\\' ? std::size_t{2} : 1;
    return {begin, std::min(end, text.size())};
  }
  const std::size_t end = end_of(text, begin, [](char c) {
    return !is_blank(c) && !is_quote(c) && c != '\n' && c != '\r' && c != ',' && c != ';' &&
           c != '&' && c != ')' && c != '}' && c != ']';
  });
  return {begin, end};
}

}  // namespace

bool is_secret_name(std::string_view name) {
  // From the end, without what only joins words.
  for (const std::string_view secret : kSecretNames) {
    std::size_t left = secret.size();
    std::size_t at = name.size();
    while (left > 0 && at > 0) {
      const char c = name[--at];
      if (c == '_' || c == '-' || c == '.') continue;
      if (to_lower(c) != secret[left - 1]) break;
      --left;
    }
    if (left == 0) return true;
  }
  return false;
}

std::optional<Span> find_password(std::string_view text, std::size_t from) {
  for (std::size_t at = next_separator(text, from); at < text.size();
       at = next_separator(text, at + 1)) {
    if (!is_secret_name(name_before(text, at, from))) continue;
    std::size_t value = at + 1;
    if (text[at] == ':' && value < text.size() && text[value] == '=') ++value;
    const Span span = value_at(text, value);
    if (span.end > span.begin) return span;
  }
  return std::nullopt;
}

std::optional<Span> find_url_password(std::string_view text, std::size_t from) {
  for (std::size_t scheme = text.find("://", from); scheme != std::string_view::npos;
       scheme = text.find("://", scheme + 3)) {
    const std::size_t begin = scheme + 3;
    const std::size_t host_end = end_of(text, begin, [](char c) {
      return !is_blank(c) && !is_quote(c) && c != '/' && c != '\n' && c != '<' && c != '>';
    });
    const std::string_view authority = text.substr(begin, host_end - begin);
    const std::size_t at = authority.rfind('@');
    const std::size_t colon = authority.find(':');
    if (at == std::string_view::npos || colon == std::string_view::npos || colon + 1 >= at)
      continue;
    return Span{begin + colon + 1, begin + at};
  }
  return std::nullopt;
}

const std::vector<SecretKind>& secret_kinds() {
  static const std::vector<SecretKind> kKinds = {
      {"private_key", find_private_key, true},
      {"url_password", find_url_password, true},
      {"password", find_password, true},
      {"bearer", find_bearer, true},
      {"jwt", find_jwt, true},
      {"aws_key", find_aws_key, true},
      {"credit_card", find_credit_card, true},
      {"email", find_email, true},
      {"ipv4", find_ipv4, false},
      {"ipv6", find_ipv6, false},
  };
  return kKinds;
}

}  // namespace livedata::ingest::pipeline
