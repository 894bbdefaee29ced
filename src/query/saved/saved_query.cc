#include "query/saved/saved_query.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <yyjson.hpp>

#include "base/clock.h"
#include "base/nearest_name.h"
#include "base/time_format.h"
#include "model/metric_sources.h"

namespace livedata::query::saved {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

constexpr std::int64_t kHour = 3600 * kNsPerSecond;
constexpr std::int64_t kLongest = 366 * 24 * kHour;
constexpr std::array<std::string_view, 3> kLanguages = {"logql", "search", "sql"};
constexpr std::size_t kMaxDescriptionBytes = 4096;

struct FreeDocument {
  void operator()(yyjson_doc* document) const { yyjson_doc_free(document); }
};
struct FreeMutable {
  void operator()(yyjson_mut_doc* document) const { yyjson_mut_doc_free(document); }
};

std::string_view text_of(yyjson_val* value) {
  return {yyjson_get_str(value), yyjson_get_len(value)};
}

Result<std::string> string_member(yyjson_val* object, const char* name, std::size_t max_bytes) {
  yyjson_val* value = yyjson_obj_get(object, name);
  if (value == nullptr) return std::string();
  if (!yyjson_is_str(value)) return fail(ErrorCode::kInvalidArgument, "'{}' must be a text", name);
  if (yyjson_get_len(value) > max_bytes) {
    return fail(ErrorCode::kInvalidArgument, "'{}' is longer than {} bytes", name, max_bytes);
  }
  return std::string(text_of(value));
}

/// 0 where it is absent.
Result<std::int64_t> duration_member(yyjson_val* object, const char* name) {
  LIVEDATA_TRY(const std::string text, string_member(object, name, 64));
  if (text.empty()) return std::int64_t{0};
  const auto duration = parse_duration(text);
  if (!duration || *duration < 0 || *duration > kLongest) {
    return fail(ErrorCode::kInvalidArgument,
                "'{}' must be a duration up to a year, such as 5m; not '{}'", name, text);
  }
  return *duration;
}

Result<void> check_members(yyjson_val* object, std::string_view where,
                           const std::vector<std::string_view>& known) {
  yyjson_obj_iter it = yyjson_obj_iter_with(object);
  while (yyjson_val* key = yyjson_obj_iter_next(&it)) {
    const std::string_view name = text_of(key);
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return fail(ErrorCode::kInvalidArgument, "{} has no '{}'; did you mean '{}'?", where,
                name.substr(0, kMaxNameBytes), nearest_name(name.substr(0, kMaxNameBytes), known));
  }
  return {};
}

Result<Language> parse_language(const std::string& text) {
  const auto found = std::find(kLanguages.begin(), kLanguages.end(), text);
  if (found == kLanguages.end()) {
    return fail(ErrorCode::kInvalidArgument, "'language' must be logql, search or sql, not '{}'",
                text);
  }
  return static_cast<Language>(found - kLanguages.begin());
}

Result<Schedule> parse_schedule(yyjson_val* object) {
  if (!yyjson_is_obj(object)) {
    return fail(ErrorCode::kInvalidArgument,
                "'schedule' must be an object such as {{\"every\": \"5m\"}}");
  }
  LIVEDATA_RETURN_IF_ERROR(check_members(object, "'schedule'", {"every", "delay"}));
  Schedule schedule;
  LIVEDATA_TRY(schedule.every_ns, duration_member(object, "every"));
  LIVEDATA_TRY(schedule.delay_ns, duration_member(object, "delay"));
  if (schedule.every_ns < kNsPerSecond)
    return fail(ErrorCode::kInvalidArgument, "'every' of 'schedule' must be 1s or more");
  return schedule;
}

Result<void> check_name(std::string_view name) {
  const auto is_good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (!name.empty() && name.size() <= kMaxNameBytes && (name[0] < '0' || name[0] > '9') &&
      std::all_of(name.begin(), name.end(), is_good)) {
    return {};
  }
  return fail(ErrorCode::kInvalidArgument,
              "a query's name has 1 to {} of the characters a-z, 0-9 and _, and does not begin "
              "with a digit",
              kMaxNameBytes);
}

}  // namespace

std::string_view name(Language language) {
  return kLanguages.at(static_cast<std::size_t>(language));
}

std::int64_t SavedQuery::range_ns() const {
  if (since_ns > 0) return since_ns;
  return schedule ? schedule->every_ns : kHour;
}

Result<SavedQuery> parse_saved_query(std::string_view name, std::string_view json) {
  LIVEDATA_RETURN_IF_ERROR(check_name(name));
  yyjson_read_err error{};
  std::string copy(json);  // the parser's parameter is not const
  const std::unique_ptr<yyjson_doc, FreeDocument> document(
      yyjson_read_opts(copy.data(), copy.size(), YYJSON_READ_NOFLAG, nullptr, &error));
  yyjson_val* root = yyjson_doc_get_root(document.get());
  if (!yyjson_is_obj(root)) {
    return fail(ErrorCode::kInvalidArgument, "a saved query is a JSON object{}",
                document == nullptr ? fmt::format("; at byte {}: {}", error.pos, error.msg) : "");
  }
  LIVEDATA_RETURN_IF_ERROR(check_members(
      root, "a saved query", {"name", "language", "query", "description", "since", "schedule"}));
  SavedQuery query;
  query.name = name;
  LIVEDATA_TRY(const std::string language, string_member(root, "language", kMaxNameBytes));
  LIVEDATA_TRY(query.language, parse_language(language));
  LIVEDATA_TRY(query.text, string_member(root, "query", kMaxTextBytes));
  if (query.text.empty()) return fail(ErrorCode::kInvalidArgument, "'query' is missing");
  LIVEDATA_TRY(query.description, string_member(root, "description", kMaxDescriptionBytes));
  LIVEDATA_TRY(query.since_ns, duration_member(root, "since"));
  if (yyjson_val* schedule = yyjson_obj_get(root, "schedule");
      schedule != nullptr && !yyjson_is_null(schedule)) {
    LIVEDATA_TRY(query.schedule, parse_schedule(schedule));
    if (is_own_metric_source(name)) {
      return fail(ErrorCode::kInvalidArgument,
                  "'{}' is the name of records that livedata makes itself; choose another one for "
                  "a query whose answers are recorded",
                  name);
    }
  }
  return query;
}

std::string to_json(const SavedQuery& query) {
  const std::unique_ptr<yyjson_mut_doc, FreeMutable> document(yyjson_mut_doc_new(nullptr));
  yyjson_mut_doc* out = document.get();
  yyjson_mut_val* root = yyjson_mut_obj(out);
  yyjson_mut_doc_set_root(out, root);
  const auto add = [out](yyjson_mut_val* object, const char* key, std::string_view value) {
    yyjson_mut_obj_add_strncpy(out, object, key, value.data(), value.size());
  };
  add(root, "name", query.name);
  add(root, "language", name(query.language));
  add(root, "query", query.text);
  if (!query.description.empty()) add(root, "description", query.description);
  if (query.since_ns > 0) add(root, "since", format_duration(query.since_ns));
  if (query.schedule) {
    yyjson_mut_val* schedule = yyjson_mut_obj_add_obj(out, root, "schedule");
    add(schedule, "every", format_duration(query.schedule->every_ns));
    if (query.schedule->delay_ns > 0)
      add(schedule, "delay", format_duration(query.schedule->delay_ns));
  }
  std::size_t size = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      yyjson_mut_write(out, YYJSON_WRITE_NOFLAG, &size), std::free);
  return text == nullptr ? std::string() : std::string(text.get(), size);
}

}  // namespace livedata::query::saved
