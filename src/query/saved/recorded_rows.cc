#include "query/saved/recorded_rows.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

#include <yyjson.hpp>

#include "base/text_arena.h"
#include "base/time_format.h"
#include "model/service_name.h"

namespace livedata::query::saved {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

struct FreeDocument {
  void operator()(yyjson_doc* document) const { yyjson_doc_free(document); }
};

std::string_view text_of(yyjson_val* value) {
  return {yyjson_get_str(value), yyjson_get_len(value)};
}

FieldValue value_of(yyjson_val* value, TextArena& arena) {
  if (yyjson_is_bool(value)) return yyjson_get_bool(value);
  if (yyjson_is_sint(value)) return yyjson_get_sint(value);
  if (yyjson_is_uint(value) && yyjson_get_uint(value) <= INT64_MAX)
    return static_cast<std::int64_t>(yyjson_get_uint(value));
  if (yyjson_is_num(value)) return yyjson_get_num(value);
  if (yyjson_is_str(value)) return text_of(value);
  std::size_t size = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      yyjson_val_write(value, YYJSON_WRITE_NOFLAG, &size), std::free);
  return text == nullptr ? std::string_view() : arena.keep({text.get(), size});
}

class Rows {
 public:
  Rows(const SavedQuery& query, TimestampNs at) : at_(at) {
    batch_.add_stream(Labels(
        std::vector<Label>{{std::string(kMetricSourceLabel), query.name}, {"recorded", "true"}}));
  }

  Result<void> add(std::string_view line) {
    std::string copy(line);
    const std::unique_ptr<yyjson_doc, FreeDocument> document(
        yyjson_read(copy.data(), copy.size(), YYJSON_READ_NOFLAG));
    yyjson_val* row = yyjson_doc_get_root(document.get());
    if (!yyjson_is_obj(row)) return fail(ErrorCode::kInternal, "an answer's row is no JSON object");
    TimestampNs time = at_;
    fields_.clear();
    arena_.clear();
    yyjson_obj_iter it = yyjson_obj_iter_with(row);
    while (yyjson_val* key = yyjson_obj_iter_next(&it)) {
      yyjson_val* value = yyjson_obj_iter_get_val(key);
      if (text_of(key) == "time" && yyjson_is_str(value)) {
        if (const auto stated = parse_rfc3339(text_of(value))) {
          time = *stated;
          continue;
        }
      }
      if (!yyjson_is_null(value)) fields_.push_back({field_name(key), value_of(value, arena_)});
    }
    batch_.add(0, time, "", fields_);
    return {};
  }

  RecordBatch take() { return std::move(batch_); }

 private:
  /// Names such as LogQL can ask for: count_star() becomes count_star__.
  std::string_view field_name(yyjson_val* key) {
    return arena_.keep(sanitized_label_name(text_of(key)));
  }

  const TimestampNs at_;
  RecordBatch batch_;
  std::vector<Field> fields_;
  TextArena arena_;
};

}  // namespace

Result<RecordBatch> to_records(const SavedQuery& query, std::string_view ndjson, TimestampNs at) {
  const auto count = static_cast<std::size_t>(std::count(ndjson.begin(), ndjson.end(), '\n'));
  if (count > kMaxRecordedRows) {
    return fail(ErrorCode::kTooLarge,
                "the answer has {} rows, of which at most {} are recorded; aggregate them, or add "
                "a limit",
                count, kMaxRecordedRows);
  }
  if (count == 0) return RecordBatch();
  Rows rows(query, at);
  while (!ndjson.empty()) {
    const std::size_t end = std::min(ndjson.find('\n'), ndjson.size());
    if (end > 0) LIVEDATA_RETURN_IF_ERROR(rows.add(ndjson.substr(0, end)));
    ndjson.remove_prefix(std::min(end + 1, ndjson.size()));
  }
  return rows.take();
}

}  // namespace livedata::query::saved
