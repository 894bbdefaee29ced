#include "server/api/loki/answer.h"

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

/// Labels that a row's stream is shown with.
Labels shown_labels(const query::LogRow& row, LabelForm form) {
  if (form == LabelForm::kCategorized) return row.stream->labels;
  std::vector<Label> all(row.stream->labels.begin(), row.stream->labels.end());
  all.insert(all.end(), row.metadata.begin(), row.metadata.end());
  all.insert(all.end(), row.parsed.begin(), row.parsed.end());
  return Labels(std::move(all));
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

void write_stats(const query::QueryStats& stats, JsonWriter& json) {
  const double seconds = stats.exec_seconds > 0 ? stats.exec_seconds : 1e-9;
  json.begin_object().key("summary").begin_object();
  json.key("bytesProcessedPerSecond")
      .number(static_cast<std::uint64_t>(static_cast<double>(stats.bytes_processed) / seconds));
  json.key("linesProcessedPerSecond")
      .number(static_cast<std::uint64_t>(static_cast<double>(stats.lines_processed) / seconds));
  json.key("totalBytesProcessed").number(stats.bytes_processed);
  json.key("totalLinesProcessed").number(stats.lines_processed);
  json.key("totalPostFilterLines").number(stats.lines_matched);
  json.key("totalEntriesReturned").number(stats.entries_returned);
  json.key("execTime").number(stats.exec_seconds);
  json.key("queueTime").number(std::uint64_t{0}).key("subqueries").number(std::uint64_t{0});
  json.key("splits").number(std::uint64_t{0}).key("shards").number(std::uint64_t{0});
  json.end_object();
  json.key("livedata").begin_object();
  json.key("blocks").number(stats.blocks_total).key("blocksRead").number(stats.blocks_read);
  json.key("blocksFiltered").number(stats.blocks_filtered);
  json.end_object().end_object();
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
  std::vector<std::pair<Labels, std::vector<const query::LogRow*>>> streams;
  std::unordered_map<StreamId, std::size_t> index;
  for (const query::LogRow& row : rows) {
    Labels labels = shown_labels(row, form);
    const auto [slot, is_new] = index.try_emplace(stream_id(labels), streams.size());
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
        json.begin_object().key("structuredMetadata");
        write_labels(row->metadata, json);
        json.key("parsed");
        write_labels(row->parsed, json);
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
  json.end_object();
  if (!answer.stats.warnings.empty()) {
    json.key("warnings").begin_array();
    for (const std::string& warning : answer.stats.warnings) json.string(warning);
    json.end_array();
  }
  json.end_object();
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
