#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "loggen/line_generator.h"

namespace livedata::bench {

/// One log of the made-up fleet, with what its sender knows beside the line.
struct Event {
  const loggen::FleetStream& stream;
  TimestampNs time = 0;
  std::string text;  ///< one line
  std::uint64_t number = 0;
};

/// Events in the order of their times, with lines of about so many bytes together.
std::vector<Event> make_events(const loggen::LineGenerator& generator, std::size_t bytes);

// The same events as bodies of the wire formats, as their usual senders write them.
std::string bulk_body(const std::vector<Event>& events);       // Filebeat's documents
std::string hec_body(const std::vector<Event>& events);        // Splunk's event endpoint
std::string raw_body(const std::vector<Event>& events);        // Splunk's raw endpoint
std::string datadog_body(const std::vector<Event>& events);    // Datadog's agent
std::string ndjson_body(const std::vector<Event>& events);     // our own
std::string otlp_json_body(const std::vector<Event>& events);  // an OpenTelemetry collector
std::string otlp_protobuf_body(const std::vector<Event>& events);
std::string rfc5424_body(const std::vector<Event>& events);     // rsyslog, one message a line
std::string structured_body(const std::vector<Event>& events);  // with structured data
std::string rfc3164_body(const std::vector<Event>& events);
std::string journal_body(const std::vector<Event>& events);  // systemd-journal-upload
std::string forward_body(const std::vector<Event>& events);  // Fluent Bit, tailing containers

}  // namespace livedata::bench
