#include <fmt/format.h>

#include "base/time_format.h"
#include "query/sql/answer_encoder.h"
#include "query/sql/cell_text.h"

namespace livedata::query::sql {
namespace {

std::vector<CellReader> readers_of(duckdb::DataChunk& rows) {
  std::vector<CellReader> readers;
  readers.reserve(rows.ColumnCount());
  for (auto& vector : rows.data) readers.emplace_back(vector, rows.size());
  return readers;
}

void append_member(std::string_view name, std::uint64_t value, std::string& out) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":{}", name, value);
}

/// {"columns":[{"name":...,"type":...}],"rows":[[...]],"stats":{...}}
class JsonEncoder : public AnswerEncoder {
 public:
  void begin(const AnswerColumns& columns, std::string& out) override {
    out += R"({"columns":[)";
    for (std::size_t i = 0; i < columns.names.size(); ++i) {
      out += i == 0 ? R"({"name":)" : R"(,{"name":)";
      append_json_string(columns.names[i], out);
      out += R"(,"type":)";
      append_json_string(columns.types[i].ToString(), out);
      out += '}';
    }
    out += R"(],"rows":[)";
  }

  void add(duckdb::DataChunk& rows, std::string& out) override {
    const std::vector<CellReader> readers = readers_of(rows);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      out += is_first_ ? "\n[" : ",\n[";
      is_first_ = false;
      for (std::size_t i = 0; i < readers.size(); ++i) {
        if (i > 0) out += ',';
        readers[i].append_json(row, out);
      }
      out += ']';
    }
  }

  void end(const AnswerSummary& summary, std::string& out) override {
    const ScanTotals& scanned = summary.scanned;
    fmt::format_to(std::back_inserter(out),
                   "],\n\"truncated\":{},\"stats\":{{\"execTime\":{:.6f},\"queueTime\":{:.6f}",
                   summary.is_cut, summary.seconds, summary.queue_seconds);
    append_member("rows", summary.rows, out);
    append_member("scans", scanned.scans, out);
    append_member("segmentsTotal", scanned.segments, out);
    append_member("segmentsSkipped", scanned.segments_skipped, out);
    append_member("blocksTotal", scanned.blocks, out);
    append_member("blocksSkipped", scanned.blocks_skipped, out);
    append_member("blocksFiltered", scanned.blocks_filtered, out);
    append_member("blocksCached", scanned.blocks_cached, out);
    append_member("blocksRead", scanned.blocks_read, out);
    append_member("lineBytesRead", scanned.line_bytes_read, out);
    append_member("rowsScanned", scanned.rows_scanned, out);
    append_member("rowsMatched", scanned.rows_given, out);
    out += R"(},"warnings":[)";
    for (std::size_t i = 0; i < scanned.damage.size(); ++i) {
      if (i > 0) out += ',';
      append_json_string("left out, because it is damaged: " + scanned.damage[i], out);
    }
    out += ']';
    append_range(summary, out);
    append_plan(summary, out);
    out += "}\n";
  }

 private:
  static void append_range(const AnswerSummary& summary, std::string& out) {
    if (!summary.range) return;
    fmt::format_to(std::back_inserter(out), R"(,"range":{{"start":"{}","end":"{}"}})",
                   format_rfc3339(summary.range->start), format_rfc3339(summary.range->end));
  }
  static void append_plan(const AnswerSummary& summary, std::string& out) {
    if (summary.plan.empty()) return;
    out += R"(,"explain":[)";
    for (const PlanStep& step : summary.plan) {
      out += &step == &summary.plan.front() ? R"({"step":)" : R"(,{"step":)";
      append_json_string(step.text, out);
      append_member("rowsIn", step.rows_in, out);
      append_member("rowsOut", step.rows_out, out);
      append_member("bytes", step.bytes, out);
      out += '}';
    }
    out += ']';
  }

  bool is_first_ = true;
};

/// A JSON object per line.
class NdjsonEncoder : public AnswerEncoder {
 public:
  void begin(const AnswerColumns& columns, std::string&) override {
    for (const std::string& name : columns.names) {
      std::string& key = keys_.emplace_back(keys_.empty() ? "{" : ",");
      append_json_string(name, key);
      key += ':';
    }
  }
  void add(duckdb::DataChunk& rows, std::string& out) override {
    const std::vector<CellReader> readers = readers_of(rows);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      for (std::size_t i = 0; i < readers.size(); ++i) {
        out += keys_[i];
        readers[i].append_json(row, out);
      }
      out += "}\n";
    }
  }
  void end(const AnswerSummary&, std::string&) override {}

 private:
  std::vector<std::string> keys_;
};

/// RFC 4180 with a header. NULL is nothing, an empty text is "".
class CsvEncoder : public AnswerEncoder {
 public:
  void begin(const AnswerColumns& columns, std::string& out) override {
    for (std::size_t i = 0; i < columns.names.size(); ++i) {
      if (i > 0) out += ',';
      append_quoted(columns.names[i], out);
    }
    out += "\r\n";
  }
  void add(duckdb::DataChunk& rows, std::string& out) override {
    const std::vector<CellReader> readers = readers_of(rows);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      for (std::size_t i = 0; i < readers.size(); ++i) {
        if (i > 0) out += ',';
        if (readers[i].is_null(row)) continue;
        cell_.clear();
        readers[i].append_plain(row, cell_);
        append_quoted(cell_, out);
      }
      out += "\r\n";
    }
  }
  void end(const AnswerSummary&, std::string&) override {}

 private:
  static void append_quoted(std::string_view text, std::string& out) {
    if (!text.empty() && text.find_first_of("\",\r\n") == std::string_view::npos) {
      out += text;
      return;
    }
    out += '"';
    for (const char c : text) {
      if (c == '"') out += '"';
      out += c;
    }
    out += '"';
  }

  std::string cell_;
};

}  // namespace

std::unique_ptr<AnswerEncoder> make_json_encoder() { return std::make_unique<JsonEncoder>(); }
std::unique_ptr<AnswerEncoder> make_ndjson_encoder() { return std::make_unique<NdjsonEncoder>(); }
std::unique_ptr<AnswerEncoder> make_csv_encoder() { return std::make_unique<CsvEncoder>(); }

}  // namespace livedata::query::sql
