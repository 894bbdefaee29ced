#include "archive/open_archive.h"

#include <algorithm>

#include <fmt/format.h>

#include "archive/archive_catalog.h"

namespace livedata::archive {
namespace {

using s3::Addressing;

constexpr const char* kNote = "ARCHIVE";
constexpr auto kOpenTimeout = std::chrono::minutes(1);
constexpr std::string_view kBucketScheme = "s3://";

std::string_view name_of(Addressing addressing) {
  switch (addressing) {
    case Addressing::kPath:
      return "path";
    case Addressing::kVirtualHost:
      return "virtual_host";
    case Addressing::kAuto:
      break;
  }
  return "auto";
}

/// The folder, relative where it lies in the data folder, which may then be moved.
std::string note_of_folder(const Path& data_folder, const Path& archive) {
  std::error_code error;
  const Path inside = archive.lexically_relative(data_folder);
  const bool is_inside = !inside.empty() && *inside.begin() != "..";
  const Path absolute = std::filesystem::absolute(archive, error);
  return (is_inside ? inside : error ? archive : absolute).string() + "\n";
}

/// "s3://BUCKET", and a line for each option: its name, "=", its value. The cache is the server's.
std::string note_of_bucket(const ObjectStoreOptions& place) {
  const s3::S3Options& s3 = place.s3;
  return fmt::format(
      "{}{}\nendpoint={}\nregion={}\nprefix={}\naddressing={}\nca_file={}\nprofile={}\n"
      "credentials_file={}\n",
      kBucketScheme, s3.bucket, s3.endpoint, s3.region, s3.prefix, name_of(s3.addressing),
      s3.ca_file, s3.credentials.profile, s3.credentials.credentials_file);
}

/// Names that are not known are left out: a later version may have more.
void read_option(std::string_view name, std::string_view value, ObjectStoreOptions& place) {
  s3::S3Options& s3 = place.s3;
  if (name == "endpoint") s3.endpoint = value;
  if (name == "region") s3.region = value;
  if (name == "prefix") s3.prefix = value;
  if (name == "ca_file") s3.ca_file = value;
  if (name == "profile") s3.credentials.profile = value;
  if (name == "credentials_file") s3.credentials.credentials_file = value;
  for (const Addressing one : {Addressing::kAuto, Addressing::kPath, Addressing::kVirtualHost}) {
    if (name == "addressing" && value == name_of(one)) s3.addressing = one;
  }
}

ObjectStoreOptions parse_note(std::string_view note, const Path& data_folder) {
  const auto take_line = [&note] {
    const std::string_view line = note.substr(0, note.find('\n'));
    note.remove_prefix(std::min(line.size() + 1, note.size()));
    return line;
  };
  ObjectStoreOptions place;
  const std::string_view first = take_line();
  if (!first.starts_with(kBucketScheme)) {
    place.folder = data_folder / first;
    return place;
  }
  place.s3.bucket = first.substr(kBucketScheme.size());
  while (!note.empty()) {
    const std::string_view line = take_line();
    const std::size_t equals = std::min(line.find('='), line.size());
    read_option(line.substr(0, equals), line.substr(std::min(equals + 1, line.size())), place);
  }
  return place;
}

}  // namespace

Result<void> note_archive(FileSystem& files, const Path& data_folder,
                          const ObjectStoreOptions& place) {
  const std::string text =
      place.s3.bucket.empty() ? note_of_folder(data_folder, place.folder) : note_of_bucket(place);
  if (const auto noted = files.read_all(data_folder / kNote); noted && *noted == text) return {};
  return write_atomically(files, data_folder / kNote, text);
}

Result<std::shared_ptr<const storage::ArchivedWindows>> open_noted_archive(
    FileSystem& files, const Path& data_folder,
    const std::map<std::string, std::string>& environment, const Clock& clock, Logger& logger) {
  LIVEDATA_TRY(const bool exists, files.exists(data_folder / kNote));
  if (!exists) return std::shared_ptr<const storage::ArchivedWindows>();
  LIVEDATA_TRY(const std::string note, files.read_all(data_folder / kNote));
  ObjectStoreOptions place = parse_note(note, data_folder);
  place.s3.credentials.environment = environment;
  LIVEDATA_TRY(auto objects, open_object_store(place, files, clock));
  auto catalog = std::make_shared<ArchiveCatalog>(std::move(objects), logger);
  LIVEDATA_RETURN_IF_ERROR(catalog->open(Deadline::after(kOpenTimeout)));
  return catalog;
}

}  // namespace livedata::archive
