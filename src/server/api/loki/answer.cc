#include "server/api/loki/answer.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "query/plan/units.h"

namespace livedata::server::loki {
namespace {

template <class LabelRange>
void write_labels(const LabelRange& labels, JsonWriter& json) {
  json.begin_object();
  for (const Label& label : labels) json.key(label.name).string(label.value);
  json.end_object();
}

/// Labels that a row's stream is shown with, sorted by name. A parsed one may be empty.
std::vector<Label> shown_labels(const query::LogRow& row, LabelForm form) {
  std::vector<Label> all(row.stream->labels.begin(), row.stream->labels.end());
  if (form == LabelForm::kCategorized) return all;
  all.insert(all.end(), row.metadata.begin(), row.metadata.end());
  all.insert(all.end(), row.parsed.begin(), row.parsed.end());
  std::sort(all.begin(), all.end());
  return all;
}

std::string key_of(const std::vector<Label>& labels) {
  std::string key;
  for (const Label& label : labels) {
    key.append(label.name) += '\0';
    key.append(label.value) += '\0';
  }
  return key;
}

/// Loki's time of a sample: seconds, with a fraction where there is one.
std::string seconds(TimestampNs time) {
  if (time % kNsPerSecond == 0) return fmt::format("{}", time / kNsPerSecond);
  return fmt::format("{:.3f}", static_cast<double>(time) / 1e9);
}

void write_sample(const query::Sample& sample, JsonWriter& json) {
  json.begin_array()
      .raw(seconds(sample.time))
      .string(query::plan::format_value(sample.value))
      .end_array();
}

void write_series(const std::vector<query::Series>& all, bool matrix, JsonWriter& json) {
  json.begin_array();
  for (const query::Series& series : all) {
    if (series.samples.empty()) continue;
    json.begin_object().key("metric");
    write_labels(series.labels, json);
    if (matrix) {
      json.key("values").begin_array();
      for (const query::Sample& sample : series.samples) write_sample(sample, json);
      json.end_array();
    } else {
      json.key("value");
      write_sample(series.samples.front(), json);
    }
    json.end_object();
  }
  json.end_array();
}

double per_second(std::uint64_t amount, double seconds) {
  return static_cast<double>(amount) / (seconds > 0 ? seconds : 1e-9);
}

void write_summary(const query::QueryStats& stats, JsonWriter& json) {
  const auto whole = [](double value) { return static_cast<std::uint64_t>(value); };
  json.begin_object();
  json.key("bytesProcessedPerSecond")
      .number(whole(per_second(stats.bytes_processed, stats.exec_seconds)));
  json.key("linesProcessedPerSecond")
      .number(whole(per_second(stats.lines_processed, stats.exec_seconds)));
  json.key("totalBytesProcessed").number(stats.bytes_processed);
  json.key("totalLinesProcessed").number(stats.lines_processed);
  json.key("execTime").number(stats.exec_seconds).key("queueTime").number(stats.queue_seconds);
  json.key("subqueries").number(std::uint64_t{0});
  json.key("totalEntriesReturned").number(stats.entries_returned);
  json.key("splits").number(std::uint64_t{0}).key("shards").number(std::uint64_t{0});
  json.key("totalPostFilterLines").number(stats.lines_matched);
  json.key("totalStructuredMetadataBytesProcessed").number(std::uint64_t{0});
  json.end_object();
}

/// One of Loki's two trees that tell where the data came from.
void write_store(const query::QueryStats& stats, bool is_source, JsonWriter& json) {
  const auto if_source = [is_source](std::uint64_t value) { return is_source ? value : 0; };
  json.begin_object();
  if (!is_source) {
    for (const char* key : {"totalReached", "totalChunksMatched", "totalBatches", "totalLinesSent"})
      json.key(key).number(std::uint64_t{0});
  }
  json.key("store").begin_object();
  json.key("chunksDownloadTime").number(std::uint64_t{0});
  json.key("queryReferencedStructuredMetadata").raw("false");
  json.key("totalChunksRef").number(if_source(stats.blocks_total));
  json.key("totalChunksDownloaded").number(if_source(stats.blocks_read));
  json.key("chunk").begin_object();
  json.key("headChunkBytes")
      .number(std::uint64_t{0})
      .key("headChunkLines")
      .number(std::uint64_t{0});
  json.key("decompressedStructuredMetadataBytes").number(std::uint64_t{0});
  json.key("compressedBytes")
      .number(std::uint64_t{0})
      .key("totalDuplicates")
      .number(std::uint64_t{0});
  json.key("decompressedBytes").number(if_source(stats.bytes_processed));
  json.key("decompressedLines").number(if_source(stats.lines_processed));
  json.key("postFilterLines").number(if_source(stats.lines_matched));
  json.end_object().end_object().end_object();
}

void write_stats(const query::QueryStats& stats, JsonWriter& json) {
  json.begin_object().key("summary");
  write_summary(stats, json);
  json.key("querier");
  write_store(stats, true, json);
  json.key("ingester");
  write_store(stats, false, json);
  json.key("cache").begin_object().end_object();
  json.key("livedata").begin_object();
  json.key("blocks").number(stats.blocks_total).key("blocksRead").number(stats.blocks_read);
  json.key("blocksSkipped").number(stats.blocks_skipped);
  json.key("blocksCached").number(stats.blocks_cached);
  json.key("blocksFiltered").number(stats.blocks_filtered);
  json.key("segmentsSkipped").number(stats.segments_skipped);
  json.key("lineBytesRead").number(stats.line_bytes_read);
  json.end_object().end_object();
}

void write_plan(const std::vector<query::PlanStep>& plan, JsonWriter& json) {
  json.begin_array();
  for (const query::PlanStep& step : plan) {
    json.begin_object().key("step").string(step.text);
    json.key("rowsIn").number(step.rows_in).key("rowsOut").number(step.rows_out);
    json.key("bytes").number(step.bytes).end_object();
  }
  json.end_array();
}

struct ResultWriter {
  LabelForm form;
  JsonWriter& json;

  void begin(std::string_view type) const { json.key("resultType").string(type).key("result"); }
  void operator()(const query::LogRows& rows) const {
    begin("streams");
    write_streams(rows.rows, form, json);
  }
  void operator()(const query::Matrix& matrix) const {
    begin("matrix");
    write_series(matrix.series, true, json);
  }
  void operator()(const query::Vector& vector) const {
    begin("vector");
    write_series(vector.series, false, json);
  }
  void operator()(const query::Scalar& scalar) const {
    begin("scalar");
    write_sample(scalar.sample, json);
  }
};

}  // namespace

void write_streams(const std::vector<query::LogRow>& rows, LabelForm form, JsonWriter& json) {
  std::vector<std::pair<std::vector<Label>, std::vector<const query::LogRow*>>> streams;
  std::unordered_map<std::string, std::size_t> index;
  for (const query::LogRow& row : rows) {
    std::vector<Label> labels = shown_labels(row, form);
    const auto [slot, is_new] = index.try_emplace(key_of(labels), streams.size());
    if (is_new) streams.emplace_back(std::move(labels), std::vector<const query::LogRow*>());
    streams[slot->second].second.push_back(&row);
  }
  json.begin_array();
  for (const auto& [labels, members] : streams) {
    json.begin_object().key("stream");
    write_labels(labels, json);
    json.key("values").begin_array();
    for (const query::LogRow* row : members) {
      json.begin_array().string(std::to_string(row->timestamp)).string(row->line);
      if (form == LabelForm::kCategorized) {
        json.begin_object();
        if (!row->metadata.empty()) write_labels(row->metadata, json.key("structuredMetadata"));
        if (!row->parsed.empty()) write_labels(row->parsed, json.key("parsed"));
        json.end_object();
      }
      json.end_array();
    }
    json.end_array().end_object();
  }
  json.end_array();
}

std::string encode_answer(const query::QueryAnswer& answer, LabelForm form) {
  JsonWriter json;
  json.begin_object().key("status").string("success").key("data").begin_object();
  if (form == LabelForm::kCategorized && std::holds_alternative<query::LogRows>(answer.value)) {
    json.key("encodingFlags").begin_array().string("categorize-labels").end_array();
  }
  std::visit(ResultWriter{form, json}, answer.value);
  json.key("stats");
  write_stats(answer.stats, json);
  if (answer.stats.explains) {
    json.key("explain");
    write_plan(answer.stats.plan, json);
  }
  json.end_object();
  if (!answer.stats.warnings.empty()) {
    json.key("warnings").begin_array();
    for (const std::string& warning : answer.stats.warnings) json.string(warning);
    json.end_array();
  }
  json.end_object();
  return json.take();
}

std::string encode_labels(const Labels& labels) {
  JsonWriter json;
  write_labels(labels, json);
  return json.take();
}

std::string encode_strings(const std::vector<std::string>& values) {
  JsonWriter json;
  json.begin_object().key("status").string("success").key("data").begin_array();
  for (const std::string& value : values) json.string(value);
  json.end_array().end_object();
  return json.take();
}

std::string encode_label_sets(const std::vector<Labels>& sets) {
  JsonWriter json;
  json.begin_object().key("status").string("success").key("data").begin_array();
  for (const Labels& labels : sets) write_labels(labels, json);
  json.end_array().end_object();
  return json.take();
}

}  // namespace livedata::server::loki
