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
          R"((?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4})"},
    Named{
        "IPV6",
        R"((?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){0,6}(?:[0-9A-Fa-f]{1,4})?::(?:[0-9A-Fa-f]{1,4}:){0,6}(?:%{IPV4}|[0-9A-Fa-f]{1,4})?)(?:%[0-9A-Za-z]+)?)"},
    Named{
        "IPV4",
        R"((?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9]))"},
    Named{"IP", R"((?:%{IPV6}|%{IPV4}))"},
    Named{"HOSTNAME", R"(\b[0-9A-Za-z][0-9A-Za-z_-]*(?:\.[0-9A-Za-z][0-9A-Za-z_-]*)*\.?)"},
    Named{"IPORHOST", R"((?:%{IP}|%{HOSTNAME}))"},
    Named{"HOSTPORT", R"(%{IPORHOST}:%{POSINT})"},
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
        R"(\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|Jun(?:e)?|Jul(?:y)?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b)"},
    Named{"MONTHNUM", R"((?:0?[1-9]|1[0-2]))"},
    Named{"MONTHNUM2", R"((?:0[1-9]|1[0-2]))"},
    Named{"MONTHDAY", R"((?:0[1-9]|[12][0-9]|3[01]|[1-9]))"},
    Named{
        "DAY",
        R"(\b(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)\b)"},
    Named{"YEAR", R"([0-9]{2}(?:[0-9]{2})?)"},
    Named{"HOUR", R"((?:2[0-3]|[01]?[0-9]))"},
    Named{"MINUTE", R"([0-5][0-9])"},
    Named{"SECOND", R"((?:[0-5][0-9]|60)(?:[:.,][0-9]+)?)"},
    Named{"TIME", R"(%{HOUR}:%{MINUTE}(?::%{SECOND})?)"},
    Named{"DATE_US", R"(%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR})"},
    Named{"DATE_EU", R"(%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR})"},
    Named{"DATE", R"((?:%{DATE_US}|%{DATE_EU}))"},
    Named{"DATESTAMP", R"(%{DATE}[- ]%{TIME})"},
    Named{"TZ", R"((?:[A-Z]{3,4}|UTC))"},
    Named{"ISO8601_TIMEZONE", R"((?:Z|[+-]%{HOUR}(?::?%{MINUTE})?))"},
    Named{
        "TIMESTAMP_ISO8601",
        R"([0-9]{4}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?(?:%{ISO8601_TIMEZONE})?)"},
    Named{"DATESTAMP_RFC822", R"(%{DAY} %{MONTH} %{MONTHDAY} %{YEAR} %{TIME} %{TZ})"},
    Named{"DATESTAMP_RFC2822",
          R"re(%{DAY}, %{MONTHDAY} %{MONTH} %{YEAR} %{TIME} (?:%{ISO8601_TIMEZONE}|%{TZ}))re"},
    Named{"HTTPDATE", R"re(%{MONTHDAY}/%{MONTH}/[0-9]{4}:%{TIME} %{INT})re"},
    Named{"HTTPDERROR_DATE", R"re(%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{YEAR})re"},
    Named{"SYSLOGTIMESTAMP", R"re(%{MONTH} +%{MONTHDAY} %{TIME})re"},
    // Whole lines
    Named{
        "LOGLEVEL",
        R"(\b(?i:alert|trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe|emerg(?:ency)?|panic)\b)"},
    Named{"PROG", R"([\x21-\x5a\x5c\x5e-\x7e]+)"},
    Named{"SYSLOGPROG", R"(%{PROG:program}(?:\[%{POSINT:pid}\])?)"},
    Named{"SYSLOGHOST", R"(%{IPORHOST})"},
    Named{"SYSLOGFACILITY", R"(<%{NONNEGINT:facility}.%{NONNEGINT:priority}>)"},
    Named{
        "SYSLOGBASE",
        R"(%{SYSLOGTIMESTAMP:timestamp} (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:logsource} %{SYSLOGPROG}:)"},
    Named{
        "COMMONAPACHELOG",
        R"p(%{IPORHOST:clientip} %{NOTSPACE:ident} %{NOTSPACE:auth} \[%{HTTPDATE:timestamp}\] "(?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})" %{INT:response:int} (?:%{INT:bytes:int}|-))p"},
    Named{"COMBINEDAPACHELOG", R"(%{COMMONAPACHELOG} "%{DATA:referrer}" "%{DATA:agent}")"},
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
