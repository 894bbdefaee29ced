#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/record_batch.h"

/// Records as lines of JSON that give them back exactly:
///
///   {"time":"2026-01-02T03:04:05.678Z","labels":{"app":"shop"},"line":"...",
///    "fields":{"status":200,"seconds":0.5,"cached":true,"trace_id":"a1"}}
///
/// A number without a dot and an exponent is an integer of 64 bits, another one a double. `fields`
/// is left out where there is none. A record that JSON can't hold (bytes that are no UTF-8, doubles
/// that are no number, two fields of one name) has a member `exact` beside, base64 of what
/// archive/records/exact_record.h describes; the others then show what can be shown.
namespace livedata::server::records {

/// Each with a line end.
void append_json(const RecordBatch& batch, std::string& out);
void append_json(const RecordBatch& batch, RowIndex row, std::string& out);

/// Appends the record of one line. kInvalidArgument says what is wrong with it.
Result<void> parse_json(std::string_view line, RecordBatch& batch);

/// Labels, and fields, as a JSON object.
std::string labels_json(const Labels& labels);
std::string fields_json(const RecordBatch& batch, RowIndex row);
Result<Labels> parse_labels_json(std::string_view json);

/// Whether the record needs `exact`.
bool is_inexact(const RecordBatch& batch, RowIndex row);

/// A record in the parts that a line of text has.
struct RecordText {
  std::string_view time;
  std::string_view labels;  ///< JSON
  std::string_view line;
  std::string_view fields;  ///< JSON; may be empty
  std::string_view exact;   ///< base64; may be empty
};
Result<void> add_record(const RecordText& text, RecordBatch& batch);

}  // namespace livedata::server::records
