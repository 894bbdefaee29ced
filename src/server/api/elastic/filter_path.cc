#include "server/api/elastic/filter_path.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "base/wildcard.h"
#include "ingest/values/json.h"

namespace livedata::server::elastic {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

// Senders use a handful of short paths. The work for each member grows with their parts.
constexpr std::size_t kMaxPaths = 32;
constexpr std::size_t kMaxParts = 16;

using Path = std::vector<std::string_view>;

struct Filter {
  std::vector<Path> included;
  std::vector<Path> excluded;
};

std::string_view take_until(std::string_view& text, char separator) {
  const std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

Filter parse_filter(std::string_view text) {
  Filter filter;
  for (std::size_t count = 0; !text.empty() && count < kMaxPaths; ++count) {
    std::string_view rest = take_until(text, ',');
    const bool excludes = rest.starts_with('-');
    if (excludes) rest.remove_prefix(1);
    Path path;
    while (!rest.empty() && path.size() < kMaxParts) path.push_back(take_until(rest, '.'));
    if (!path.empty()) (excludes ? filter.excluded : filter.included).push_back(std::move(path));
  }
  return filter;
}

/// How far each path has been followed: the rests that go on below a member.
using Rests = std::vector<std::span<const std::string_view>>;

/// Follows the rests through a member. Whether one of them ends there.
bool follow(const Rests& rests, std::string_view name, Rests& below) {
  bool ends = false;
  for (std::span<const std::string_view> rest : rests) {
    while (!rest.empty()) {
      const bool any_depth = rest.front() == "**";
      if (any_depth) {
        below.push_back(rest);
        rest = rest.subspan(1);
        if (rest.empty()) ends = true;
        continue;
      }
      if (matches_wildcard(rest.front(), name)) {
        if (rest.size() == 1) ends = true;
        if (rest.size() > 1) below.push_back(rest.subspan(1));
      }
      break;
    }
  }
  return ends;
}

Rests rests_of(const std::vector<Path>& paths) { return {paths.begin(), paths.end()}; }

/// Copies values of a document into another, as far as a filter lets them through.
class FilteredCopy {
 public:
  explicit FilteredCopy(yyjson_mut_doc* out) : out_(out) {}

  /// Null: nothing of it is wanted. `all` says that its name was included already.
  yyjson_mut_val* copy(yyjson_val* value, const Rests& included, const Rests& excluded,
                       bool all) const {
    if (all && excluded.empty()) return yyjson_val_mut_copy(out_, value);
    if (yyjson_is_obj(value)) return copy_object(value, included, excluded, all);
    if (yyjson_is_arr(value)) return copy_array(value, included, excluded, all);
    return all ? yyjson_val_mut_copy(out_, value) : nullptr;
  }

 private:
  // NOLINTNEXTLINE(misc-no-recursion): as deep as our own answers
  yyjson_mut_val* copy_object(yyjson_val* object, const Rests& included, const Rests& excluded,
                              bool all) const {
    yyjson_mut_val* out = yyjson_mut_obj(out_);
    yyjson_obj_iter it = yyjson_obj_iter_with(object);
    while (yyjson_val* key = yyjson_obj_iter_next(&it)) {
      Rests included_below;
      Rests excluded_below;
      const std::string_view name = ingest::json_string(key);
      const bool all_below = follow(included, name, included_below) || all;
      if (follow(excluded, name, excluded_below)) continue;
      yyjson_mut_val* member =
          copy(yyjson_obj_iter_get_val(key), included_below, excluded_below, all_below);
      if (member != nullptr) yyjson_mut_obj_add(out, yyjson_val_mut_copy(out_, key), member);
    }
    return yyjson_mut_obj_size(out) == 0 ? nullptr : out;
  }

  yyjson_mut_val* copy_array(yyjson_val* array, const Rests& included, const Rests& excluded,
                             bool all) const {
    yyjson_mut_val* out = yyjson_mut_arr(out_);
    yyjson_arr_iter it = yyjson_arr_iter_with(array);
    while (yyjson_val* element = yyjson_arr_iter_next(&it)) {
      yyjson_mut_val* copied = copy(element, included, excluded, all);
      if (copied != nullptr) yyjson_mut_arr_append(out, copied);
    }
    return yyjson_mut_arr_size(out) == 0 ? nullptr : out;
  }

  yyjson_mut_doc* out_;
};

}  // namespace

std::string filtered_json(std::string_view json, std::string_view filter_path, bool pretty) {
  const auto document = ingest::parse_json(json);
  if (!document) return std::string(json);
  const Filter filter = parse_filter(filter_path);
  const std::unique_ptr<yyjson_mut_doc, decltype(&yyjson_mut_doc_free)> out(
      yyjson_mut_doc_new(nullptr), &yyjson_mut_doc_free);
  yyjson_mut_val* root =
      FilteredCopy(out.get()).copy(yyjson_doc_get_root(document->get()), rests_of(filter.included),
                                   rests_of(filter.excluded), filter.included.empty());
  if (root == nullptr) root = yyjson_mut_obj(out.get());
  std::size_t size = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      yyjson_mut_val_write(root, pretty ? YYJSON_WRITE_PRETTY_TWO_SPACES : YYJSON_WRITE_NOFLAG,
                           &size),
      &std::free);
  if (text == nullptr) return std::string(json);
  return std::string(text.get(), size) + (pretty ? "\n" : "");
}

}  // namespace livedata::server::elastic
