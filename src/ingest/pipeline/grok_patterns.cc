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
    Named{"USERNAME", R"([a-zA-Z0-9._-]+)"},
    Named{"USER", R"(%{USERNAME})"},
    Named{"EMAILADDRESS", R"([a-zA-Z0-9!#$%&'*+/=?^_.{|}~-]+@%{HOSTNAME})"},
    Named{"INT", R"([+-]?[0-9]+)"},
    Named{"BASE10NUM", R"([+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+))"},
    Named{"NUMBER", R"(%{BASE10NUM})"},
    Named{"BASE16NUM", R"([+-]?(?:0[xX])?[0-9A-Fa-f]+)"},
    Named{"POSINT", R"(\b[1-9][0-9]*\b)"},
    Named{"NONNEGINT", R"(\b[0-9]+\b)"},
    Named{"WORD", R"(\b\w+\b)"},
    Named{"NOTSPACE", R"(\S+)"},
    Named{"SPACE", R"(\s*)"},
    Named{"DATA", R"(.*?)"},
    Named{"GREEDYDATA", R"(.*)"},
    Named{"QUOTEDSTRING", R"((?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`))"},
    Named{"QS", R"(%{QUOTEDSTRING})"},
    Named{"UUID", R"([0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12})"},
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
    Named{"UNIXPATH", R"((?:/[\w%!$@:.,+~=-]*)+)"},
    Named{"WINPATH", R"((?:[A-Za-z]:|\\)(?:\\[^\\?*"<>|\s]*)+)"},
    Named{"PATH", R"((?:%{UNIXPATH}|%{WINPATH}))"},
    Named{"TTY", R"(/dev/(?:pts|tty(?:[pq])?)(?:\w+)?/?[0-9]*)"},
    Named{"URIPROTO", R"([A-Za-z][A-Za-z0-9+.-]*)"},
    Named{"URIHOST", R"((?:\[%{IPV6}\]|%{IPORHOST})(?::[0-9]+)?)"},
    Named{"URIPATH", R"((?:/[A-Za-z0-9$.+!*'(){},~:;=@#%&_-]*)+)"},
    Named{"URIPARAM", R"(\?[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?[\]<>-]*)"},
    Named{"URIPATHPARAM", R"(%{URIPATH}(?:%{URIPARAM})?)"},
    Named{"URI", R"(%{URIPROTO}://(?:[^\s/:@]+(?::[^\s/@]*)?@)?%{URIHOST}(?:%{URIPATHPARAM})?)"},
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
          R"(%{DAY}, %{MONTHDAY} %{MONTH} %{YEAR} %{TIME} (?:%{ISO8601_TIMEZONE}|%{TZ}))"},
    Named{"HTTPDATE", R"(%{MONTHDAY}/%{MONTH}/[0-9]{4}:%{TIME} %{INT})"},
    Named{"HTTPDERROR_DATE", R"(%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{YEAR})"},
    Named{"SYSLOGTIMESTAMP", R"(%{MONTH} +%{MONTHDAY} %{TIME})"},
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
