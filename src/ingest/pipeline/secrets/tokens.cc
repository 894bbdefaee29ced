// Secrets that are told by their own form: tokens, keys, addresses of people.
#include "ingest/pipeline/secrets/finders.h"
#include "ingest/pipeline/secrets/text_scan.h"

namespace livedata::ingest::pipeline {
namespace {

constexpr std::size_t kLeastTokenBytes = 8;

constexpr bool is_local_part(char c) {
  return is_alnum(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-';
}
constexpr bool is_domain(char c) { return is_alnum(c) || c == '.' || c == '-'; }
constexpr bool is_base64url(char c) { return is_alnum(c) || c == '-' || c == '_'; }
constexpr bool is_token(char c) {
  return is_base64url(c) || c == '.' || c == '~' || c == '+' || c == '/' || c == '=';
}

/// The end of a domain with a top level of two letters or more, or 0.
std::size_t domain_end(std::string_view text, std::size_t at) {
  std::size_t end = end_of(text, at, is_domain);
  while (end > at && !is_alnum(text[end - 1])) --end;
  const std::string_view domain = text.substr(at, end - at);
  const std::size_t dot = domain.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return 0;
  const std::string_view top = domain.substr(dot + 1);
  return top.size() >= 2 && end_of(top, 0, is_alpha) == top.size() ? end : 0;
}

}  // namespace

std::optional<Span> find_email(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find('@', from); at != std::string_view::npos;
       at = text.find('@', at + 1)) {
    std::size_t begin = at;
    while (begin > from && is_local_part(text[begin - 1])) --begin;
    if (begin == at) continue;
    if (const std::size_t end = domain_end(text, at + 1); end != 0) return Span{begin, end};
  }
  return std::nullopt;
}

std::optional<Span> find_bearer(std::string_view text, std::size_t from) {
  // Both words have an r or s in the middle; a space stands behind them.
  for (std::size_t space = text.find(' ', from); space != std::string_view::npos;
       space = text.find(' ', space + 1)) {
    const bool bearer = space >= 6 && has_word_at(text, space - 6, "bearer") &&
                        (space == 6 || !is_alnum(text[space - 7]));
    const bool basic = space >= 5 && has_word_at(text, space - 5, "basic") &&
                       (space == 5 || !is_alnum(text[space - 6]));
    if (!bearer && !basic) continue;
    const std::size_t begin = end_of(text, space, [](char c) { return c == ' '; });
    const std::size_t end = end_of(text, begin, is_token);
    if (end - begin >= kLeastTokenBytes) return Span{begin, end};
  }
  return std::nullopt;
}

std::optional<Span> find_jwt(std::string_view text, std::size_t from) {
  for (std::size_t begin = text.find("eyJ", from); begin != std::string_view::npos;) {
    // header.payload.signature; of an unsigned one the last part is empty
    const std::size_t header_end = end_of(text, begin, is_base64url);
    const bool has_payload = header_end < text.size() && text[header_end] == '.';
    const std::size_t payload_end =
        has_payload ? end_of(text, header_end + 1, is_base64url) : header_end;
    const bool is_token = has_payload && payload_end - header_end > kLeastTokenBytes &&
                          payload_end < text.size() && text[payload_end] == '.';
    if (is_token) return Span{begin, end_of(text, payload_end + 1, is_base64url)};
    begin = text.find("eyJ", std::max(payload_end, begin + 1));
  }
  return std::nullopt;
}

std::optional<Span> find_aws_key(std::string_view text, std::size_t from) {
  constexpr std::size_t kBytes = 20;
  for (std::size_t at = text.find("IA", from); at != std::string_view::npos;
       at = text.find("IA", at + 1)) {
    if (at < 2) continue;
    const std::size_t begin = at - 2;
    const std::string_view prefix = text.substr(begin, 4);
    if (begin < from || (prefix != "AKIA" && prefix != "ASIA")) continue;
    if (begin > 0 && is_alnum(text[begin - 1])) continue;
    const std::size_t end = end_of(text, begin, [](char c) { return is_upper(c) || is_digit(c); });
    if (end - begin == kBytes && (end == text.size() || !is_alnum(text[end])))
      return Span{begin, end};
  }
  return std::nullopt;
}

std::optional<Span> find_private_key(std::string_view text, std::size_t from) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  constexpr std::string_view kEnd = "-----END ";
  constexpr std::string_view kDashes = "-----";
  constexpr std::size_t kMaxTitle = 64;
  for (std::size_t begin = text.find(kBegin, from); begin != std::string_view::npos;
       begin = text.find(kBegin, begin + 1)) {
    const std::string_view title = text.substr(begin + kBegin.size(), kMaxTitle);
    const std::size_t key = title.find("PRIVATE KEY");
    if (key == std::string_view::npos || key > title.find(kDashes)) continue;
    const std::size_t end = text.find(kEnd, begin);
    if (end == std::string_view::npos) return Span{begin, text.size()};
    const std::size_t dashes = text.find(kDashes, end + kEnd.size());
    return Span{begin, dashes == std::string_view::npos ? text.size() : dashes + kDashes.size()};
  }
  return std::nullopt;
}

}  // namespace livedata::ingest::pipeline
