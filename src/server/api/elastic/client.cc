#include "server/api/elastic/client.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace livedata::server::elastic {
namespace {

// Parts of User-Agent, in lower case: Beats ("Elastic-filebeat/8.1"), Logstash, the client
// libraries
// ("elasticsearch-py/8.1", "elastic-transport-python", "opensearch-py"), and other shippers.
constexpr std::array<std::string_view, 7> kAgents = {
    "elastic", "beat/", "logstash", "opensearch", "vector/", "fluent-bit", "fluentd"};

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace

bool is_elastic_client(const Request& request) {
  if (!request.header("x-elastic-client-meta").empty()) return true;
  for (const char* header : {"accept", "content-type"}) {
    if (request.header(header).find("vnd.elasticsearch+") != std::string_view::npos) return true;
  }
  const std::string agent = lower_case(request.header("user-agent"));
  return std::any_of(kAgents.begin(), kAgents.end(),
                     [&](std::string_view part) { return agent.find(part) != std::string::npos; });
}

bool is_browser(const Request& request) {
  return request.header("accept").find("text/html") != std::string_view::npos &&
         !is_elastic_client(request);
}

}  // namespace livedata::server::elastic
