#pragma once

#include <string>
#include <vector>

#include "query/query_answer.h"
#include "server/json/json_writer.h"

namespace livedata::server::loki {

/// Whether a log row's structured metadata and parsed labels are told apart from the stream's
/// labels (Grafana asks for it), or folded into them.
enum class LabelForm { kFolded, kCategorized };

/// A query's answer in Loki's JSON form.
std::string encode_answer(const query::QueryAnswer& answer, LabelForm form);

/// The array of {"stream": labels, "values": [[ns, line, categories?]...]} for log rows, streams in
/// order of their first row.
void write_streams(const std::vector<query::LogRow>& rows, LabelForm form, JsonWriter& json);

/// {"a":"b"}
std::string encode_labels(const Labels& labels);

/// {"status":"success","data":["a","b"]}
std::string encode_strings(const std::vector<std::string>& values);
/// {"status":"success","data":[{"a":"b"}]}
std::string encode_label_sets(const std::vector<Labels>& sets);

}  // namespace livedata::server::loki
