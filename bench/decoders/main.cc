// livedata_decoders: how fast each wire format becomes a RecordBatch on one core, beside what a
// library or a bare pass does with the same bytes. All take turns, and medians are told, as other
// work comes and goes; the time is that of the thread on its core.
#include <malloc.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "decoders/bare.h"
#include "decoders/bodies.h"
#include "ingest/content.h"
#include "ingest/datadog/logs.h"
#include "ingest/elastic/bulk.h"
#include "ingest/fluent/session.h"
#include "ingest/hec/events.h"
#include "ingest/journal/push.h"
#include "ingest/loki/push.h"
#include "ingest/native/push.h"
#include "ingest/otlp/push.h"
#include "ingest/syslog/decoder.h"
#include "ingest/syslog/format/framing.h"
#include "loggen/push_body.h"

namespace livedata::bench {
namespace {

using ingest::DecodeContext;
using ingest::Decoded;

constexpr TimestampNs kNow = 1'760'000'000 * kNsPerSecond;

/// A way to read a body; what it returns is 0 if it failed.
struct Reader {
  std::string name;
  std::function<std::size_t(const std::string& body)> read;
};

struct Format {
  std::string name;
  std::string body;
  Reader decoder;            ///< returns the number of records
  std::vector<Reader> bare;  ///< the first one is what the ratio is to
};

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::size_t rows(const Result<Decoded>& decoded) { return decoded ? decoded->batch.num_rows() : 0; }

class Bench {
 public:
  Bench(std::size_t bytes, int rounds) : rounds_(rounds), bytes_(bytes) {}

  void run(const std::string& only) {
    fmt::print("Bodies of about {} KB of lines, medians of {} rounds, one core. simdjson: {}.\n\n",
               bytes_ / 1000, rounds_, simdjson_kernel());
    fmt::print("| format | bytes a record | MB/s | records/s | beside it, MB/s | ratio |\n");
    fmt::print("|---|---:|---:|---:|---|---:|\n");
    for (Format& format : formats()) {
      if (format.name.find(only) != std::string::npos) measure(format);
    }
  }

 private:
  void measure(Format& format) const {
    pad_for_simdjson(format.body);
    const std::size_t records = format.decoder.read(format.body);
    std::vector<Reader> readers{format.decoder};
    readers.insert(readers.end(), format.bare.begin(), format.bare.end());
    std::vector<std::vector<double>> seconds(readers.size());
    for (int round = 0; round < rounds_; ++round) {
      for (std::size_t i = 0; i < readers.size(); ++i) {
        const double start = cpu_seconds();
        const std::size_t met = readers[i].read(format.body);
        seconds[i].push_back(cpu_seconds() - start);
        if (met == 0) fmt::print("{}: {} failed\n", format.name, readers[i].name);
      }
    }
    report(format, records, seconds);
  }

  static void report(const Format& format, std::size_t records,
                     const std::vector<std::vector<double>>& seconds) {
    const auto megabytes = static_cast<double>(format.body.size()) / 1e6;
    std::vector<double> ratios;
    for (std::size_t round = 0; round < seconds[0].size(); ++round)
      ratios.push_back(seconds[1][round] / seconds[0][round]);
    std::string beside;
    for (std::size_t i = 1; i < seconds.size(); ++i)
      beside += fmt::format("{}{} {:.0f}", i > 1 ? ", " : "", format.bare[i - 1].name,
                            megabytes / median(seconds[i]));
    const double typical = median(seconds[0]);
    fmt::print("| {} | {} | {:.0f} | {:.0f} | {} | {:.2f} |\n", format.name,
               format.body.size() / std::max<std::size_t>(records, 1), megabytes / typical,
               static_cast<double>(records) / typical, beside, median(ratios));
  }

  std::vector<Format> formats() {
    std::vector<Format> out = loki_formats();
    for (auto& part : {otlp_formats(), json_formats(), line_formats()})
      out.insert(out.end(), part.begin(), part.end());
    return out;
  }

  std::vector<Format> loki_formats() {
    loggen::GeneratedBatch batch;
    std::size_t size = 0;
    for (std::uint64_t number = 0; size < bytes_; ++number) {
      for (const loggen::GeneratedLine& line : generator_.batch(number).lines) {
        size += line.text.size();
        batch.lines.push_back(line);
      }
    }
    const auto& streams = generator_.streams();
    return {
        {"Loki JSON",
         loggen::json_body(batch, streams),
         {"", [this](const auto& body) { return rows(ingest::loki::decode_json(body, context_)); }},
         one_document()},
        {"Loki protobuf, snappy",
         loggen::protobuf_body(batch, streams),
         {"",
          [this](const auto& body) {
            const auto raw = ingest::decompress(body, ingest::Encoding::kSnappy, 1U << 30U);
            return raw ? rows(ingest::loki::decode_protobuf(*raw, context_)) : 0;
          }},
         {{"snappy and walk", walk_loki}, {"snappy", uncompress_snappy}}},
    };
  }

  std::vector<Format> otlp_formats() {
    return {
        {"OTLP protobuf",
         otlp_protobuf_body(events_),
         {"",
          [this](const auto& body) { return rows(ingest::otlp::decode_protobuf(body, context_)); }},
         {{"walk", walk_otlp}}},
        {"OTLP JSON",
         otlp_json_body(events_),
         {"", [this](const auto& body) { return rows(ingest::otlp::decode_json(body, context_)); }},
         one_document()},
    };
  }

  std::vector<Format> json_formats() {
    return {
        {"Elasticsearch bulk",
         bulk_body(events_),
         {"",
          [this](const auto& body) {
            const auto bulk = ingest::elastic::decode_bulk(body, "", context_);
            return bulk ? bulk->decoded.batch.num_rows() : 0;
          }},
         many_documents(yyjson_parse_lines)},
        {"Splunk HEC, events",
         hec_body(events_),
         {"",
          [this](const auto& body) {
            return ingest::hec::decode_events(body, {}, context_).decoded.batch.num_rows();
          }},
         many_documents(yyjson_parse_many)},
        {"Datadog",
         datadog_body(events_),
         {"",
          [this](const auto& body) {
            return rows(ingest::datadog::decode_json(body, {}, context_));
          }},
         one_document()},
        {"native NDJSON",
         ndjson_body(events_),
         {"",
          [this](const auto& body) {
            return rows(
                ingest::native::decode(body, ingest::native::Format::kNdjson, {}, context_));
          }},
         many_documents(yyjson_parse_lines)},
    };
  }

  std::vector<Format> line_formats() {
    const Reader syslog{"", [this](const auto& body) { return read_syslog(body); }};
    const std::vector<Reader> lines{{"memchr for lines", split_lines}};
    return {
        {"syslog, RFC 5424", rfc5424_body(events_), syslog, lines},
        {"syslog, RFC 5424 with data", structured_body(events_), syslog, lines},
        {"syslog, RFC 3164", rfc3164_body(events_), syslog, lines},
        {"Splunk HEC, raw",
         raw_body(events_),
         {"",
          [this](const auto& body) {
            return ingest::hec::decode_raw(body, {}, context_).decoded.batch.num_rows();
          }},
         lines},
        {"journal export",
         journal_body(events_),
         {"", [this](const auto& body) { return rows(ingest::journal::decode(body, context_)); }},
         lines},
        {"Fluent forward",
         forward_body(events_),
         {"",
          [this](const auto& body) {
            ingest::fluent::Session session({});
            return session.consume(body, context_).decoded.batch.num_rows();
          }},
         {{"walk", walk_msgpack}}},
    };
  }

  /// As a connection does: bytes, messages, records.
  std::size_t read_syslog(const std::string& body) {
    ingest::syslog::FrameReader frames(limits_.max_line_bytes);
    syslog_.start(kNow);
    frames.consume(body, [this](std::string_view message) { syslog_.add(message, "192.0.2.7"); });
    return syslog_.take().batch.num_rows();
  }

  std::vector<Reader> one_document() {
    return {{"simdjson DOM", [this](const auto& body) { return dom_.parse(body); }},
            {"on demand", [this](const auto& body) { return on_demand_.visit(body); }},
            {"yyjson", yyjson_parse}};
  }
  std::vector<Reader> many_documents(std::size_t (*yyjson)(std::string_view)) {
    return {{"simdjson DOM", [this](const auto& body) { return dom_.parse_many(body); }},
            {"yyjson", yyjson}};
  }

  const int rounds_;
  const std::size_t bytes_;
  const loggen::LineGenerator generator_{1, 100'000'000, kNow};
  const std::vector<Event> events_ = make_events(generator_, bytes_);
  const Limits limits_;
  const DecodeContext context_{limits_, kNow};
  ingest::syslog::Decoder syslog_{limits_, ingest::syslog::Decoder::kStreamsOfConnection};
  SimdjsonDom dom_;
  SimdjsonOnDemand on_demand_;
};

}  // namespace
}  // namespace livedata::bench

int main(int argc, char** argv) {
  std::size_t bytes = 1'000'000;
  int rounds = 101;
  std::string only;
  CLI::App app("Decoding of each wire format on one core, beside bare libraries");
  app.add_option("--bytes", bytes, "Bytes of lines in each body, about");
  app.add_option("--rounds", rounds, "Turns of each reader");
  app.add_option("--only", only, "Formats whose names hold this");
  CLI11_PARSE(app, argc, argv);
  // As the server has it.
  ::mallopt(M_TRIM_THRESHOLD, 32 << 20);
  ::mallopt(M_MMAP_THRESHOLD, 8 << 20);
  livedata::bench::Bench(bytes, rounds).run(only);
  return 0;
}
