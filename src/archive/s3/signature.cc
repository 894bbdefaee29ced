#include "archive/s3/signature.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "archive/s3/digests.h"

namespace livedata::archive::s3 {
namespace {

using http_client::Header;

/// "20130524T000000Z".
std::string basic_time(TimestampNs time) {
  const std::chrono::sys_seconds seconds{std::chrono::seconds(time / kNsPerSecond)};
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Names in lower case, sorted.
std::vector<Header> canonical(std::vector<Header> headers) {
  for (Header& header : headers)
    std::transform(header.name.begin(), header.name.end(), header.name.begin(), to_lower);
  std::sort(headers.begin(), headers.end(),
            [](const Header& a, const Header& b) { return a.name < b.name; });
  return headers;
}

}  // namespace

std::string uri_escape(std::string_view text, Slash slash) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~' ||
                          (c == '/' && slash == Slash::kKept);
    if (is_plain) {
      escaped += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    escaped += '%';
    escaped += kDigits[byte >> 4U];
    escaped += kDigits[byte & 15U];
  }
  return escaped;
}

std::string query_text(const Query& query) {
  std::vector<std::string> pairs;
  for (const auto& [name, value] : query)
    pairs.push_back(fmt::format("{}={}", uri_escape(name, Slash::kEscaped),
                                uri_escape(value, Slash::kEscaped)));
  std::sort(pairs.begin(), pairs.end());
  return fmt::format("{}", fmt::join(pairs, "&"));
}

std::vector<Header> sign(const ToSign& request, const Credentials& credentials,
                         std::string_view region, TimestampNs now) {
  const std::string time = basic_time(now);
  const std::string_view day = std::string_view(time).substr(0, 8);
  std::vector<Header> added = {{"x-amz-content-sha256", std::string(request.payload_sha256)},
                               {"x-amz-date", time}};
  if (!credentials.session_token.empty())
    added.push_back({"x-amz-security-token", credentials.session_token});

  std::vector<Header> headers = request.headers;
  headers.insert(headers.end(), added.begin(), added.end());
  headers.push_back({"host", std::string(request.host)});
  std::string lines;
  std::string names;
  for (const Header& header : canonical(std::move(headers))) {
    lines += fmt::format("{}:{}\n", header.name, header.value);
    names += fmt::format("{}{}", names.empty() ? "" : ";", header.name);
  }
  const std::string canonical_request =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, request.path, query_text(request.query),
                  lines, names, request.payload_sha256);
  const std::string scope = fmt::format("{}/{}/s3/aws4_request", day, region);
  const std::string text =
      fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", time, scope, hex(sha256(canonical_request)));
  std::string key = hmac_sha256(fmt::format("AWS4{}", credentials.secret_access_key), day);
  for (const std::string_view part :
       {region, std::string_view("s3"), std::string_view("aws4_request")})
    key = hmac_sha256(key, part);
  added.push_back(
      {"Authorization",
       fmt::format("AWS4-HMAC-SHA256 Credential={}/{},SignedHeaders={},Signature={}",
                   credentials.access_key_id, scope, names, hex(hmac_sha256(key, text)))});
  return added;
}

}  // namespace livedata::archive::s3
