#include <algorithm>
#include <array>
#include <ctime>

#include <fmt/format.h>
#include <protozero/pbf_writer.hpp>

#include "base/time_format.h"
#include "decoders/bodies.h"

namespace livedata::bench {
namespace {

using protozero::pbf_writer;

void add_attribute(pbf_writer& parent, protozero::pbf_tag_type tag, std::string_view key,
                   std::string_view value) {
  pbf_writer attribute(parent, tag);
  attribute.add_string(1, key.data(), key.size());
  pbf_writer any(attribute, 2);
  any.add_string(1, value.data(), value.size());
}

void add_record(pbf_writer& parent, const Event& event) {
  pbf_writer record(parent, 2);
  record.add_fixed64(1, static_cast<std::uint64_t>(event.time));
  record.add_enum(2, 9);
  record.add_string(3, "INFO");
  {
    pbf_writer body(record, 5);
    body.add_string(1, event.text);
  }
  add_attribute(record, 6, "http.request.method", "GET");
  {
    pbf_writer status(record, 6);
    status.add_string(1, "http.response.status_code");
    pbf_writer any(status, 2);
    any.add_int64(3, 200);
  }
  {
    pbf_writer duration(record, 6);
    duration.add_string(1, "duration");
    pbf_writer any(duration, 2);
    any.add_double(4, static_cast<double>(event.number % 900) + 0.25);
  }
  std::string id(16, '\0');
  for (std::size_t i = 0; i < id.size(); ++i)
    id[i] = static_cast<char>((event.number * 0x9E3779B97F4A7C15ULL) >> (i * 4 % 56));
  record.add_bytes(9, id);
  record.add_bytes(10, id.substr(0, 8));
  record.add_fixed64(11, static_cast<std::uint64_t>(event.time) + 1000);
}

// MessagePack, as far as Fluent Bit's events need it.
std::string big_endian(std::uint64_t value, unsigned bytes) {
  std::string out;
  while (bytes-- > 0) out += static_cast<char>((value >> (8 * bytes)) & 0xFFU);
  return out;
}
std::string text(std::string_view value) {
  std::string out;
  if (value.size() < 32) {
    out = static_cast<char>(0xA0U | value.size());
  } else {
    out = "\xda" + big_endian(value.size(), 2);
  }
  return out.append(value);
}
std::string map_head(unsigned count) { return {static_cast<char>(0x80U | count)}; }

std::string priority(const Event& event) { return event.number % 10 == 0 ? "<131>" : "<134>"; }

}  // namespace

std::vector<Event> make_events(const loggen::LineGenerator& generator, std::size_t bytes) {
  std::vector<Event> events;
  std::size_t size = 0;
  for (std::uint64_t number = 0; size < bytes && number < generator.num_batches(); ++number) {
    for (loggen::GeneratedLine& line : generator.batch(number).lines) {
      if (size >= bytes) break;
      // The formats that end messages by newlines take none within.
      std::replace(line.text.begin(), line.text.end(), '\n', ' ');
      size += line.text.size();
      events.push_back(
          {generator.streams()[line.stream], line.timestamp, std::move(line.text), events.size()});
    }
  }
  return events;
}

std::string otlp_protobuf_body(const std::vector<Event>& events) {
  std::string out;
  pbf_writer request(out);
  {
    pbf_writer resource_logs(request, 1);
    {
      pbf_writer resource(resource_logs, 1);
      add_attribute(resource, 1, "service.name", events.front().stream.service);
      add_attribute(resource, 1, "host.name", events.front().stream.host);
      add_attribute(resource, 1, "deployment.environment", events.front().stream.env);
    }
    pbf_writer scope_logs(resource_logs, 2);
    {
      pbf_writer scope(scope_logs, 1);
      scope.add_string(1, "shop");
      scope.add_string(2, "1.4.2");
    }
    for (const Event& event : events) add_record(scope_logs, event);
  }
  return out;
}

std::string rfc5424_body(const std::vector<Event>& events) {
  std::string out;
  for (const Event& event : events) {
    out +=
        fmt::format("{}1 {} {} {} {} - - {}\n", priority(event), format_rfc3339(event.time),
                    event.stream.host, event.stream.service, 1000 + event.number % 7, event.text);
  }
  return out;
}

std::string structured_body(const std::vector<Event>& events) {
  std::string out;
  for (const Event& event : events) {
    out += fmt::format(
        "{}1 {} {} {} {} ID{} [meta@32473 sequenceId=\"{}\" env=\"{}\"][origin "
        "software=\"rsyslogd\"] {}\n",
        priority(event), format_rfc3339(event.time), event.stream.host, event.stream.service,
        1000 + event.number % 7, event.number % 50, event.number, event.stream.env, event.text);
  }
  return out;
}

std::string rfc3164_body(const std::vector<Event>& events) {
  std::string out;
  for (const Event& event : events) {
    const std::time_t seconds = event.time / kNsPerSecond;
    std::tm time{};
    ::gmtime_r(&seconds, &time);
    std::array<char, 32> stamp{};
    const std::size_t size = std::strftime(stamp.data(), stamp.size(), "%b %e %H:%M:%S", &time);
    out +=
        fmt::format("{}{} {} {}[{}]: {}\n", priority(event), std::string_view(stamp.data(), size),
                    event.stream.host, event.stream.service, 1000 + event.number % 7, event.text);
  }
  return out;
}

std::string journal_body(const std::vector<Event>& events) {
  std::string out;
  for (const Event& event : events) {
    const std::string& service = event.stream.service;
    out += fmt::format(
        "__CURSOR=s=bcce7fb8ffcb40e9a6e05eee8b7831bf;i={0:x};b=ec25d6795f0645619ddac9afdef453ee;m="
        "{0:x};t={1:x};x=f5d7a3\n__REALTIME_TIMESTAMP={1}\n__MONOTONIC_TIMESTAMP={2}\n"
        "_BOOT_ID=ec25d6795f0645619ddac9afdef453ee\n_TRANSPORT=stdout\nPRIORITY=6\n"
        "SYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER={3}\n_UID=1000\n_GID=1000\n_COMM={3}\n"
        "_EXE=/usr/bin/{3}\n_CMDLINE=/usr/bin/{3} --serve\n_CAP_EFFECTIVE=0\n"
        "_SYSTEMD_CGROUP=/system.slice/{3}.service\n_SYSTEMD_UNIT={3}.service\n"
        "_SYSTEMD_SLICE=system.slice\n_MACHINE_ID=4b1e5b5c0c5a4d0c9ab1b8e7c6d5f4a3\n"
        "_HOSTNAME={4}\n_PID={5}\nMESSAGE={6}\n\n",
        event.number, event.time / 1000, event.number * 1000, service, event.stream.host,
        1000 + event.number % 7, event.text);
  }
  return out;
}

std::string forward_body(const std::vector<Event>& events) {
  std::string entries;
  for (const Event& event : events) {
    const auto seconds = static_cast<std::uint64_t>(event.time / kNsPerSecond);
    const auto nanoseconds = static_cast<std::uint64_t>(event.time % kNsPerSecond);
    entries += '\x92';
    entries += "\xd7" + std::string(1, '\0') + big_endian(seconds, 4) + big_endian(nanoseconds, 4);
    entries += map_head(3) + text("log") + text(event.text);
    entries += text("stream") + text("stdout");
    entries += text("kubernetes") + map_head(5);
    entries += text("namespace_name") + text(event.stream.env);
    entries += text("pod_name") + text(event.stream.service + "-7d9f8b6c5d-x2x4z");
    entries += text("container_name") + text(event.stream.service);
    entries += text("host") + text(event.stream.host);
    entries += text("pod_id") + text("4b1e5b5c-0c5a-4d0c-9ab1-b8e7c6d5f4a3");
  }
  std::string out = "\x92" + text("kube.var.log.containers");
  return out + "\xc6" + big_endian(entries.size(), 4) + entries;
}

}  // namespace livedata::bench
