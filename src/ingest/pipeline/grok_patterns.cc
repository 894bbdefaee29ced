// The built-in patterns of grok, under the names that Logstash made common. RE2 has no look-around
// and no atomic groups, and needs neither: borders are \b, and no regex takes exponential time.
#include <algorithm>
#include <array>

#include "ingest/pipeline/grok.h"

namespace livedata::ingest::pipeline {
namespace {

struct Named {
  std::string_view name;
  std::string_view pattern;
};

constexpr std::array kPatterns = {
    // Words and numbers
    Named{"USERNAME", R"re([a-zA-Z0-9._-]+)re"},
    Named{"USER", R"re(%{USERNAME})re"},
    Named{"EMAILADDRESS", R"re([a-zA-Z0-9!#$%&'*+/=?^_.{|}~-]+@%{HOSTNAME})re"},
    Named{"INT", R"re([+-]?[0-9]+)re"},
    Named{"BASE10NUM", R"re([+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+))re"},
    Named{"NUMBER", R"re(%{BASE10NUM})re"},
    Named{"BASE16NUM", R"re([+-]?(?:0[xX])?[0-9A-Fa-f]+)re"},
    Named{"POSINT", R"re(\b[1-9][0-9]*\b)re"},
    Named{"NONNEGINT", R"re(\b[0-9]+\b)re"},
    Named{"WORD", R"re(\b\w+\b)re"},
    Named{"NOTSPACE", R"re(\S+)re"},
    Named{"SPACE", R"re(\s*)re"},
    Named{"DATA", R"re(.*?)re"},
    Named{"GREEDYDATA", R"re(.*)re"},
    Named{"QUOTEDSTRING", R"re((?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`))re"},
    Named{"QS", R"re(%{QUOTEDSTRING})re"},
    Named{"UUID", R"re([0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12})re"},
    // Networks
    Named{"MAC",
          R"re((?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4})re"},
    Named{
        "IPV6",
        R"re((?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){0,6}(?:[0-9A-Fa-f]{1,4})?::(?:[0-9A-Fa-f]{1,4}:){0,6}(?:%{IPV4}|[0-9A-Fa-f]{1,4})?)(?:%[0-9A-Za-z]+)?)re"},
    Named{
        "IPV4",
        R"re((?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9]))re"},
    Named{"IP", R"re((?:%{IPV6}|%{IPV4}))re"},
    Named{"HOSTNAME", R"re(\b[0-9A-Za-z][0-9A-Za-z_-]*(?:\.[0-9A-Za-z][0-9A-Za-z_-]*)*\.?)re"},
    Named{"IPORHOST", R"re((?:%{IP}|%{HOSTNAME}))re"},
    Named{"HOSTPORT", R"re(%{IPORHOST}:%{POSINT})re"},
    // Paths
    Named{"UNIXPATH", R"re((?:/[\w%!$@:.,+~=-]*)+)re"},
    Named{"WINPATH", R"re((?:[A-Za-z]:|\\)(?:\\[^\\?*"<>|\s]*)+)re"},
    Named{"PATH", R"re((?:%{UNIXPATH}|%{WINPATH}))re"},
    Named{"TTY", R"re(/dev/(?:pts|tty(?:[pq])?)(?:\w+)?/?[0-9]*)re"},
    Named{"URIPROTO", R"re([A-Za-z][A-Za-z0-9+.-]*)re"},
    Named{"URIHOST", R"re((?:\[%{IPV6}\]|%{IPORHOST})(?::[0-9]+)?)re"},
    Named{"URIPATH", R"re((?:/[A-Za-z0-9$.+!*'(){},~:;=@#%&_-]*)+)re"},
    Named{"URIPARAM", R"re(\?[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?[\]<>-]*)re"},
    Named{"URIPATHPARAM", R"re(%{URIPATH}(?:%{URIPARAM})?)re"},
    Named{"URI",
          R"re(%{URIPROTO}://(?:[^\s/:@]+(?::[^\s/@]*)?@)?%{URIHOST}(?:%{URIPATHPARAM})?)re"},
    // Times
    Named{
        "MONTH",
        R"re(\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|Jun(?:e)?|Jul(?:y)?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b)re"},
    Named{"MONTHNUM", R"re((?:0?[1-9]|1[0-2]))re"},
    Named{"MONTHNUM2", R"re((?:0[1-9]|1[0-2]))re"},
    Named{"MONTHDAY", R"re((?:0[1-9]|[12][0-9]|3[01]|[1-9]))re"},
    Named{
        "DAY",
        R"re(\b(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)\b)re"},
    Named{"YEAR", R"re([0-9]{2}(?:[0-9]{2})?)re"},
    Named{"HOUR", R"re((?:2[0-3]|[01]?[0-9]))re"},
    Named{"MINUTE", R"re([0-5][0-9])re"},
    Named{"SECOND", R"re((?:[0-5][0-9]|60)(?:[:.,][0-9]+)?)re"},
    Named{"TIME", R"re(%{HOUR}:%{MINUTE}(?::%{SECOND})?)re"},
    Named{"DATE_US", R"re(%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR})re"},
    Named{"DATE_EU", R"re(%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR})re"},
    Named{"DATE", R"re((?:%{DATE_US}|%{DATE_EU}))re"},
    Named{"DATESTAMP", R"re(%{DATE}[- ]%{TIME})re"},
    Named{"TZ", R"re((?:[A-Z]{3,4}|UTC))re"},
    Named{"ISO8601_TIMEZONE", R"re((?:Z|[+-]%{HOUR}(?::?%{MINUTE})?))re"},
    Named{
        "TIMESTAMP_ISO8601",
        R"re([0-9]{4}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?(?:%{ISO8601_TIMEZONE})?)re"},
    Named{"DATESTAMP_RFC822", R"re(%{DAY} %{MONTH} %{MONTHDAY} %{YEAR} %{TIME} %{TZ})re"},
    Named{"DATESTAMP_RFC2822",
          R"re(%{DAY}, %{MONTHDAY} %{MONTH} %{YEAR} %{TIME} (?:%{ISO8601_TIMEZONE}|%{TZ}))re"},
    Named{"HTTPDATE", R"re(%{MONTHDAY}/%{MONTH}/[0-9]{4}:%{TIME} %{INT})re"},
    Named{"HTTPDERROR_DATE", R"re(%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{YEAR})re"},
    Named{"SYSLOGTIMESTAMP", R"re(%{MONTH} +%{MONTHDAY} %{TIME})re"},
    // Whole lines
    Named{
        "LOGLEVEL",
        R"re(\b(?i:alert|trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe|emerg(?:ency)?|panic)\b)re"},
    Named{"PROG", R"re([\x21-\x5a\x5c\x5e-\x7e]+)re"},
    Named{"SYSLOGPROG", R"re(%{PROG:program}(?:\[%{POSINT:pid}\])?)re"},
    Named{"SYSLOGHOST", R"re(%{IPORHOST})re"},
    Named{"SYSLOGFACILITY", R"re(<%{NONNEGINT:facility}.%{NONNEGINT:priority}>)re"},
    Named{
        "SYSLOGBASE",
        R"re(%{SYSLOGTIMESTAMP:timestamp} (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:logsource} %{SYSLOGPROG}:)re"},
    // Host and time are read loosely: with all that they may be, the program would be too large for
    // RE2's fast ways, and thirty times as slow.
    Named{"NOTBRACKET", R"re([^\]]+)re"},
    Named{
        "COMMONAPACHELOG",
        R"re(%{NOTSPACE:clientip} %{NOTSPACE:ident} %{NOTSPACE:auth} \[%{NOTBRACKET:timestamp}\] "(?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})" %{INT:response:int} (?:%{INT:bytes:int}|-))re"},
    Named{"COMBINEDAPACHELOG", R"re(%{COMMONAPACHELOG} "%{DATA:referrer}" "%{DATA:agent}")re"},
};

}  // namespace

std::optional<std::string_view> grok_pattern(std::string_view name) {
  const auto found = std::find_if(kPatterns.begin(), kPatterns.end(),
                                  [name](const Named& named) { return named.name == name; });
  return found == kPatterns.end() ? std::nullopt : std::optional(found->pattern);
}

std::vector<std::string_view> grok_names() {
  std::vector<std::string_view> names;
  for (const Named& named : kPatterns) names.push_back(named.name);
  return names;
}

}  // namespace livedata::ingest::pipeline
