#include "archive/manifest/archive_manifest.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <set>

#include <yyjson.hpp>

#include "base/hash.h"
#include "base/utf8.h"

namespace livedata::archive {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

constexpr std::uint64_t kVersion = 1;
constexpr std::string_view kDayPrefix = "day=";
constexpr std::string_view kSourcePrefix = "/source=";
constexpr std::string_view kPartPrefix = "/part-";
constexpr std::string_view kExtension = ".parquet";
constexpr std::size_t kDateLength = 10;
constexpr std::array<std::string_view, 4> kTypeNames = {"string", "int64", "double", "bool"};

using Document = std::unique_ptr<yyjson_doc, decltype(&yyjson_doc_free)>;
using NewDocument = std::unique_ptr<yyjson_mut_doc, decltype(&yyjson_mut_doc_free)>;

tl::unexpected<Error> corrupt(std::string_view what) {
  return fail(ErrorCode::kCorrupt, "damaged manifest of the archive: {}", what);
}

// ---- writing

class ManifestWriter {
 public:
  std::string write(const ArchiveManifest& manifest) {
    yyjson_mut_val* root = yyjson_mut_obj(doc_.get());
    yyjson_mut_doc_set_root(doc_.get(), root);
    yyjson_mut_obj_add_uint(doc_.get(), root, "version", kVersion);
    yyjson_mut_obj_add_uint(doc_.get(), root, "next_file", manifest.next_file);
    yyjson_mut_val* files = yyjson_mut_obj_add_arr(doc_.get(), root, "files");
    for (const FileEntry& file : manifest.files)
      write_file(file, yyjson_mut_arr_add_obj(doc_.get(), files));
    yyjson_mut_val* days = yyjson_mut_obj_add_obj(doc_.get(), root, "archived_segments");
    for (const auto& [day, segments] : manifest.archived_segments)
      yyjson_mut_obj_add(days, text(day), names(segments));
    std::size_t length = 0;
    const std::unique_ptr<char, decltype(&std::free)> json(
        yyjson_mut_write(doc_.get(), YYJSON_WRITE_PRETTY, &length), &std::free);
    return json == nullptr ? std::string() : std::string(json.get(), length);
  }

 private:
  yyjson_mut_val* text(std::string_view value) {
    const std::string shown = as_utf8(value);
    return yyjson_mut_strncpy(doc_.get(), shown.data(), shown.size());
  }

  yyjson_mut_val* names(const std::vector<std::string>& values) {
    yyjson_mut_val* array = yyjson_mut_arr(doc_.get());
    for (const std::string& value : values) yyjson_mut_arr_append(array, text(value));
    return array;
  }

  void write_file(const FileEntry& file, yyjson_mut_val* object) {
    yyjson_mut_doc* doc = doc_.get();
    yyjson_mut_obj_add_val(doc, object, "file", text(file.key));
    yyjson_mut_obj_add_uint(doc, object, "rows", file.rows);
    yyjson_mut_obj_add_uint(doc, object, "bytes", file.bytes);
    yyjson_mut_obj_add_uint(doc, object, "crc32c", file.crc32c);
    yyjson_mut_obj_add_int(doc, object, "min_time", file.min_timestamp);
    yyjson_mut_obj_add_int(doc, object, "max_time", file.max_timestamp);
    yyjson_mut_obj_add_uint(doc, object, "delete_horizon", file.delete_horizon);
    yyjson_mut_obj_add_val(doc, object, "native", names(file.native));
    yyjson_mut_val* groups = yyjson_mut_obj_add_obj(doc, object, "columns");
    for (const auto& [name, group] : file.census.groups)
      yyjson_mut_obj_add(groups, text(name), census(group));
  }

  yyjson_mut_val* census(const storage::ColumnNames& names) {
    yyjson_mut_doc* doc = doc_.get();
    yyjson_mut_val* object = yyjson_mut_obj(doc);
    yyjson_mut_obj_add_uint(doc, object, "rows", names.rows);
    yyjson_mut_val* labels = yyjson_mut_obj_add_obj(doc, object, "labels");
    for (const auto& [name, rows] : names.labels)
      yyjson_mut_obj_add(labels, text(name), yyjson_mut_uint(doc, rows));
    for (std::size_t type = 0; type < kTypeNames.size(); ++type) {
      yyjson_mut_val* fields = yyjson_mut_obj(doc);
      for (const auto& [field, rows] : names.fields) {
        if (static_cast<std::size_t>(field.second) == type)
          yyjson_mut_obj_add(fields, text(field.first), yyjson_mut_uint(doc, rows));
      }
      if (yyjson_mut_obj_size(fields) > 0)
        yyjson_mut_obj_add(object, text(kTypeNames[type]), fields);
    }
    return object;
  }

  NewDocument doc_{yyjson_mut_doc_new(nullptr), &yyjson_mut_doc_free};
};

// ---- reading

std::string_view text_of(yyjson_val* value) {
  return {yyjson_get_str(value), yyjson_get_len(value)};
}

bool read_uint(yyjson_val* object, const char* name, std::uint64_t& out) {
  yyjson_val* value = yyjson_obj_get(object, name);
  out = yyjson_get_uint(value);
  return yyjson_is_uint(value);
}

bool read_int(yyjson_val* object, const char* name, std::int64_t& out) {
  yyjson_val* value = yyjson_obj_get(object, name);
  out = yyjson_get_sint(value);
  return yyjson_is_int(value) && (yyjson_is_sint(value) || yyjson_get_uint(value) <= INT64_MAX);
}

bool read_names(yyjson_val* array, std::vector<std::string>& out) {
  if (!yyjson_is_arr(array)) return false;
  yyjson_arr_iter items = yyjson_arr_iter_with(array);
  while (yyjson_val* item = yyjson_arr_iter_next(&items)) {
    if (!yyjson_is_str(item)) return false;
    out.emplace_back(text_of(item));
  }
  return true;
}

/// Calls visit(name, value) for the members of an object; false where it is none, or visit says so.
template <class Visit>
bool for_members(yyjson_val* object, const Visit& visit) {
  if (!yyjson_is_obj(object)) return false;
  yyjson_obj_iter members = yyjson_obj_iter_with(object);
  while (yyjson_val* name = yyjson_obj_iter_next(&members)) {
    if (!visit(std::string(text_of(name)), yyjson_obj_iter_get_val(name))) return false;
  }
  return true;
}

bool read_census(yyjson_val* object, storage::ColumnNames& out) {
  if (!read_uint(object, "rows", out.rows)) return false;
  const auto add_label = [&](const std::string& name, yyjson_val* rows) {
    out.labels[name] = yyjson_get_uint(rows);
    return yyjson_is_uint(rows);
  };
  if (!for_members(yyjson_obj_get(object, "labels"), add_label)) return false;
  for (std::size_t type = 0; type < kTypeNames.size(); ++type) {
    yyjson_val* fields = yyjson_obj_get(object, std::string(kTypeNames[type]).c_str());
    if (fields == nullptr) continue;
    const auto add_field = [&](const std::string& name, yyjson_val* rows) {
      out.fields[{name, static_cast<FieldType>(type)}] = yyjson_get_uint(rows);
      return yyjson_is_uint(rows);
    };
    if (!for_members(fields, add_field)) return false;
  }
  return true;
}

Result<FileEntry> read_file(yyjson_val* object) {
  FileEntry file;
  std::uint64_t crc = 0;
  if (!yyjson_is_obj(object)) return corrupt("a file is no object");
  file.key = text_of(yyjson_obj_get(object, "file"));
  if (!is_file_key(file.key)) return corrupt("a file has no key of the archive's");
  const bool is_read = read_uint(object, "rows", file.rows) &&
                       read_uint(object, "bytes", file.bytes) && read_uint(object, "crc32c", crc) &&
                       crc <= UINT32_MAX && read_int(object, "min_time", file.min_timestamp) &&
                       read_int(object, "max_time", file.max_timestamp) &&
                       read_uint(object, "delete_horizon", file.delete_horizon) &&
                       read_names(yyjson_obj_get(object, "native"), file.native) &&
                       for_members(yyjson_obj_get(object, "columns"),
                                   [&](const std::string& name, yyjson_val* group) {
                                     return read_census(group, file.census.groups[name]);
                                   });
  if (!is_read || file.min_timestamp > file.max_timestamp) return corrupt(file.key);
  file.crc32c = static_cast<std::uint32_t>(crc);
  return file;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
  });
}

bool is_date(std::string_view text) {
  if (text.size() != kDateLength) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 4 || i == 7;
    if (is_dash ? text[i] != '-' : std::isdigit(static_cast<unsigned char>(text[i])) == 0)
      return false;
  }
  return true;
}

/// The key's day, source and name; empty where it is none.
struct KeyParts {
  std::string_view day;
  std::string_view source;
  std::string_view name;
};
KeyParts parts_of(std::string_view key) {
  const std::size_t source = key.find(kSourcePrefix);
  const std::size_t part = key.find(kPartPrefix);
  if (!key.starts_with(kDayPrefix) || !key.ends_with(kExtension) ||
      part == std::string_view::npos || source > part)
    return {};
  KeyParts parts;
  parts.day = key.substr(kDayPrefix.size(), source - kDayPrefix.size());
  const std::size_t source_begin = source + kSourcePrefix.size();
  if (source_begin > part || part + kPartPrefix.size() + kExtension.size() > key.size()) return {};
  parts.source = key.substr(source_begin, part - source_begin);
  parts.name = key.substr(part + kPartPrefix.size());
  parts.name.remove_suffix(kExtension.size());
  return parts;
}

}  // namespace

std::string_view FileEntry::day() const { return parts_of(key).day; }
std::string_view FileEntry::source() const { return parts_of(key).source; }

std::string file_key(std::string_view day, std::string_view source, std::string_view name) {
  std::string key(kDayPrefix);
  key.append(day).append(kSourcePrefix).append(source).append(kPartPrefix).append(name);
  return key.append(kExtension);
}

bool is_file_key(std::string_view key) {
  const KeyParts parts = parts_of(key);
  return is_date(parts.day) && is_name(parts.source) && is_name(parts.name);
}

std::string encode_manifest(const ArchiveManifest& manifest) {
  return ManifestWriter().write(manifest);
}

Result<ArchiveManifest> decode_manifest(std::string_view json) {
  const Document document(yyjson_read(json.data(), json.size(), 0), &yyjson_doc_free);
  yyjson_val* root = yyjson_doc_get_root(document.get());
  std::uint64_t version = 0;
  if (!read_uint(root, "version", version)) return corrupt("no JSON, or no version");
  if (version != kVersion) {
    return fail(ErrorCode::kUnsupported,
                "the archive's manifest has version {}; use a later livedata", version);
  }
  ArchiveManifest manifest;
  if (!read_uint(root, "next_file", manifest.next_file)) return corrupt("next_file");
  yyjson_val* files = yyjson_obj_get(root, "files");
  if (!yyjson_is_arr(files)) return corrupt("files");
  std::set<std::string> keys;
  yyjson_arr_iter items = yyjson_arr_iter_with(files);
  while (yyjson_val* item = yyjson_arr_iter_next(&items)) {
    LIVEDATA_TRY(FileEntry file, read_file(item));
    if (!keys.insert(file.key).second) return corrupt("a file is there twice");
    manifest.files.push_back(std::move(file));
  }
  const auto add_day = [&](const std::string& day, yyjson_val* segments) {
    return is_date(day) && read_names(segments, manifest.archived_segments[day]);
  };
  if (!for_members(yyjson_obj_get(root, "archived_segments"), add_day))
    return corrupt("archived_segments");
  return manifest;
}

}  // namespace livedata::archive
