#include "cli/loki_pages.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "base/hash.h"
#include "ingest/values/json.h"

namespace livedata::cli {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names
using ingest::json_string;

tl::unexpected<Error> bad_answer(std::string_view what) {
  return fail(ErrorCode::kUnavailable, "the answer is not one of Loki's: {}", what);
}

std::vector<Label> read_pairs(yyjson_val* object) {
  std::vector<Label> pairs;
  yyjson_obj_iter it = yyjson_obj_iter_with(object);
  while (yyjson_val* key = yyjson_obj_iter_next(&it)) {
    pairs.push_back(
        {std::string(json_string(key)), std::string(json_string(yyjson_obj_iter_get_val(key)))});
  }
  return pairs;
}

struct Entry {
  TimestampNs time = 0;
  std::string_view line;
  std::vector<Label> metadata;
};

Result<Entry> read_entry(yyjson_val* value) {
  Entry entry;
  const std::string_view time = json_string(yyjson_arr_get(value, 0));
  const auto [end, error] = std::from_chars(time.data(), time.data() + time.size(), entry.time);
  if (error != std::errc() || time.empty()) return bad_answer("a line has no time");
  entry.line = json_string(yyjson_arr_get(value, 1));
  // {"structuredMetadata": {...}, "parsed": {...}}, as the categorize-labels flag asks for
  entry.metadata = read_pairs(yyjson_obj_get(yyjson_arr_get(value, 2), "structuredMetadata"));
  return entry;
}

std::uint64_t hash_of(const std::string& labels, const Entry& entry) {
  std::uint64_t hash = hash64(entry.line, hash64(labels));
  for (const Label& pair : entry.metadata) hash = hash64(pair.value, hash64(pair.name, hash));
  return hash;
}

}  // namespace

struct LokiPages::Page {
  RecordBatch batch;            // what is new
  std::size_t num_entries = 0;  // with what is not
  TimestampNs last_time = 0;
  std::vector<std::uint64_t> last;  // of the new entries at last_time
};

Result<LokiPages::Page> LokiPages::read_page(std::string_view answer) const {
  LIVEDATA_TRY(const ingest::JsonDocument document, ingest::parse_json(answer));
  yyjson_val* data = yyjson_obj_get(yyjson_doc_get_root(document.get()), "data");
  if (json_string(yyjson_obj_get(data, "resultType")) != "streams")
    return fail(ErrorCode::kInvalidArgument,
                "only log queries can be imported, not metric queries");
  Page page;
  std::map<std::uint64_t, std::size_t> taken;
  for (const std::uint64_t hash : position_.taken) ++taken[hash];
  yyjson_arr_iter streams = yyjson_arr_iter_with(yyjson_obj_get(data, "result"));
  while (yyjson_val* stream = yyjson_arr_iter_next(&streams)) {
    const Labels labels(read_pairs(yyjson_obj_get(stream, "stream")));
    const std::string labels_text = labels.to_string();
    const std::uint32_t ordinal = page.batch.add_stream(labels);
    yyjson_arr_iter values = yyjson_arr_iter_with(yyjson_obj_get(stream, "values"));
    while (yyjson_val* value = yyjson_arr_iter_next(&values)) {
      LIVEDATA_TRY(const Entry entry, read_entry(value));
      const std::uint64_t hash = hash_of(labels_text, entry);
      ++page.num_entries;
      if (entry.time > page.last_time || page.num_entries == 1) {
        page.last_time = entry.time;
        page.last.clear();
      }
      const auto seen = entry.time == position_.time ? taken.find(hash) : taken.end();
      if (seen != taken.end() && seen->second > 0) {
        --seen->second;
        continue;
      }
      if (entry.time == page.last_time) page.last.push_back(hash);
      std::vector<Field> fields;
      for (const Label& pair : entry.metadata)
        fields.push_back({pair.name, std::string_view(pair.value)});
      page.batch.add(ordinal, entry.time, entry.line, fields);
    }
  }
  return page;
}

Result<std::optional<RecordBatch>> LokiPages::next() {
  if (position_.time >= options_.to) return std::nullopt;
  const TimestampNs end = options_.to - position_.time > options_.window
                              ? position_.time + options_.window
                              : options_.to;
  // A page that holds nothing but what was seen must grow, as far as the server lets it.
  std::size_t limit = options_.limit;
  std::size_t granted = 0;
  std::size_t refused = 0;
  const auto grow = [&] { limit = refused == 0 ? 2 * granted : (granted + refused) / 2; };
  for (;;) {
    auto answer = fetch_(position_.time, end, limit);
    if (!answer && granted > 0) {
      refused = limit;
      grow();
      if (limit > granted) continue;
      return fail(Error(answer.error())
                      .with_context(fmt::format(
                          "more than {} lines have the time {} ns, and the server gives no more; "
                          "import them with narrower queries",
                          granted, position_.time)));
    }
    if (!answer) return fail(std::move(answer).error());
    LIVEDATA_TRY(Page page, read_page(*answer));
    const bool is_full = page.num_entries >= limit;
    if (is_full && page.last_time <= position_.time && page.batch.empty()) {
      granted = limit;  // all of the page is one nanosecond, which was seen before
      grow();
      if (limit > granted) continue;
      return fail(ErrorCode::kResourceExhausted,
                  "more than {} lines have the time {} ns, and the server gives no more; import "
                  "them with narrower queries",
                  granted, position_.time);
    }
    if (!is_full) {
      position_ = {end, {}};
    } else {
      if (page.last_time != position_.time) position_ = {page.last_time, {}};
      position_.taken.insert(position_.taken.end(), page.last.begin(), page.last.end());
    }
    return std::move(page.batch);
  }
}

}  // namespace livedata::cli
