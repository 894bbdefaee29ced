#include "collect/remote/far_files.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/hash.h"
#include "collect/host/text_scan.h"
#include "collect/remote/clock_skew.h"
#include "collect/remote/far_side.h"
#include "ingest/log_time.h"

namespace livedata::collect::remote {
namespace {

constexpr std::size_t kMaxFiles = 500;
constexpr std::uint64_t kPieceBlocks = 64;  // 256 KiB
constexpr std::uint64_t kTailBytes = 256;
constexpr unsigned kRenamedRounds = 2;    // that a renamed file is read for
constexpr unsigned kForgetRounds = 1000;  // after which one that is not there is forgotten
constexpr std::string_view kVersion = "1";

bool parse_number(std::string_view word, auto& value, int base = 10) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
  return error == std::errc() && end == word.data() + word.size() && !word.empty();
}

std::uint64_t hash_of(std::string_view bytes) { return hash64(bytes); }

/// Of the block from which to read: what was read last is read again and compared.
std::uint64_t first_block(const FarPosition& position) {
  return (position.offset - position.tail_bytes) / request::kBlockBytes;
}

/// As of files of this machine: the folder's name, or the file's in /var/log.
std::string service_of(const std::filesystem::path& path) {
  std::string parent = path.parent_path().filename().string();
  if (parent != "log" && parent != "logs" && !parent.empty()) return parent;
  const std::string name = path.filename().string();
  return name.substr(0, name.find('.'));
}

}  // namespace

const std::vector<std::string>& usual_far_files() {
  static const std::vector<std::string> kUsual = {
      "/var/log/syslog",  "/var/log/messages", "/var/log/secure", "/var/log/cron",
      "/var/log/maillog", "/var/log/*.log",    "/var/log/*/*.log"};
  return kUsual;
}

std::string FarPosition::to_text() const {
  std::string out =
      fmt::format("{} {} {} {:x} {} {}", kVersion, inode, offset, tail_hash, tail_bytes, line_time);
  for (const TimestampNs mark : times) out += fmt::format(" {}", mark);
  return out;
}

std::optional<FarPosition> FarPosition::parse(std::string_view text) {
  host::TextScanner words(text);
  FarPosition position;
  if (words.word() != kVersion) return std::nullopt;
  if (!parse_number(words.word(), position.inode) || !parse_number(words.word(), position.offset) ||
      !parse_number(words.word(), position.tail_hash, 16) ||
      !parse_number(words.word(), position.tail_bytes) ||
      !parse_number(words.word(), position.line_time))
    return std::nullopt;
  for (TimestampNs& mark : position.times) {
    if (!parse_number(words.word(), mark)) return std::nullopt;
  }
  const bool is_sound = position.inode != 0 && position.tail_bytes <= kTailBytes &&
                        position.tail_bytes <= position.offset && words.word().empty();
  return is_sound ? std::optional(position) : std::nullopt;
}

void FarFiles::load(const Bookmarks& bookmarks) {
  for (auto it = bookmarks.lower_bound(options_.bookmark_prefix);
       it != bookmarks.end() && it->first.starts_with(options_.bookmark_prefix); ++it) {
    const auto position = FarPosition::parse(it->second);
    if (!position || files_.size() >= kMaxFiles) continue;
    File file;
    file.path = file.read_from = it->first.substr(options_.bookmark_prefix.size());
    file.position = *position;
    file.times.set_marks(position->times);
    std::string path = file.path;
    files_.emplace(std::move(path), std::move(file));
    listed_before_ = true;
  }
}

void FarFiles::restart() {
  asked_ = Asked::kNothing;
  wants_listing_ = false;
}

std::string FarFiles::next_request() {
  if (wants_listing_) {
    wants_listing_ = false;
    asked_ = Asked::kListing;
    return request::list_files(options_.patterns);
  }
  std::vector<std::string> near;
  for (const auto& [path, file] : files_) {
    // What a file is renamed to stays beside it.
    const std::string quoted = file.wants_names ? shell_quoted(path) : "";
    if (file.wants_names) near.push_back(fmt::format("{0}.[0-9]* {0}-[0-9]* {0}.old", quoted));
  }
  if (!near.empty()) {
    asked_ = Asked::kNames;
    return request::list_files(near);
  }
  for (const auto& [path, file] : files_) {
    if (file.size <= file.position.offset) continue;
    asked_ = Asked::kPiece;
    asked_path_ = path;
    return request::read_file(file.read_from, first_block(file.position), kPieceBlocks + 1);
  }
  asked_ = Asked::kNothing;
  return "";
}

void FarFiles::take_answer(std::string_view body, const Target& target) {
  switch (std::exchange(asked_, Asked::kNothing)) {
    case Asked::kNothing:
      return;
    case Asked::kListing:
      return take_listing(body, target);
    case Asked::kNames:
      return take_names(body, target);
    case Asked::kPiece:
      if (const auto found = files_.find(asked_path_); found != files_.end())
        take_piece(found->second, body, target);
      return;
  }
}

void FarFiles::take_listing(std::string_view body, const Target& target) {
  std::set<std::uint64_t> inodes;  // a file that several patterns or names lead to is one
  std::set<std::string_view> paths;
  for (const ListedFile& listed : parse_listed_files(body, kMaxFiles)) {
    if (!inodes.insert(listed.inode).second) continue;
    paths.insert(listed.path);
    auto found = files_.find(std::string(listed.path));
    if (found == files_.end()) {
      if (files_.size() >= kMaxFiles) continue;
      File file;
      file.path = file.read_from = listed.path;
      file.position.inode = listed.inode;
      // Of a log that has been growing for years only the end is of interest.
      if (!listed_before_ && listed.size > options_.backlog_bytes)
        file.position.offset = listed.size - options_.backlog_bytes;
      found = files_.emplace(std::string(listed.path), std::move(file)).first;
      save(found->second, target);
    }
    File& file = found->second;
    if (file.position.inode != listed.inode) {
      file.next_inode = listed.inode;
      file.wants_names = true;
      ++file.renamed_rounds;
      continue;
    }
    file.next_inode = 0;
    file.renamed_rounds = 0;
    file.read_from = file.path;
    if (listed.size < file.position.offset) begin_anew(file, listed.inode, target);
    file.size = listed.size;
  }
  forget_missing(paths, target);
  listed_before_ = true;
}

void FarFiles::forget_missing(const std::set<std::string_view>& listed, const Target& target) {
  for (auto it = files_.begin(); it != files_.end();) {
    File& file = it->second;
    file.missing_rounds = listed.count(file.path) > 0 ? 0 : file.missing_rounds + 1;
    if (file.missing_rounds < kForgetRounds) {
      ++it;
      continue;
    }
    target.bookmarks[options_.bookmark_prefix + file.path] = "";
    it = files_.erase(it);
  }
}

/// Finds files that have been renamed by their inodes.
void FarFiles::take_names(std::string_view body, const Target& target) {
  const std::vector<ListedFile> listed = parse_listed_files(body, kMaxFiles);
  for (auto& [path, file] : files_) {
    if (!file.wants_names) continue;
    file.wants_names = false;
    const auto found = std::find_if(listed.begin(), listed.end(), [&](const ListedFile& other) {
      return other.inode == file.position.inode;
    });
    if (found != listed.end() && found->size > file.position.offset) {
      file.read_from = found->path;
      file.size = found->size;
      continue;
    }
    // A program may go on writing to it for a moment.
    if (found != listed.end() && file.renamed_rounds < kRenamedRounds) continue;
    if (found == listed.end() && file.size > file.position.offset)
      lost_bytes_ += file.size - file.position.offset;
    begin_anew(file, file.next_inode, target);
    wants_listing_ = true;
  }
}

void FarFiles::begin_anew(File& file, std::uint64_t inode, const Target& target) {
  const auto line_time = file.position.line_time;
  file.position = {};
  file.position.inode = inode;
  file.position.line_time = line_time;
  file.read_from = file.path;
  file.next_inode = 0;
  file.renamed_rounds = 0;
  file.size = 0;
  save(file, target);
}

void FarFiles::take_piece(File& file, std::string_view body, const Target& target) {
  const std::size_t line_end = body.find('\n');
  const auto listed = line_end == std::string_view::npos
                          ? std::nullopt
                          : parse_listed_file(body.substr(0, line_end));
  if (!listed || listed->inode != file.position.inode) {
    // It went, or was renamed, since it was listed: the next listing tells.
    file.size = file.position.offset;
    return;
  }
  FarPosition& position = file.position;
  const std::string_view bytes = body.substr(line_end + 1);
  const std::uint64_t begin = first_block(file.position) * request::kBlockBytes;
  const std::uint64_t known = position.offset - begin;  // bytes that were read before
  const bool is_same = bytes.size() >= known &&
                       (position.tail_bytes == 0 ||
                        hash_of(bytes.substr(known - position.tail_bytes, position.tail_bytes)) ==
                            position.tail_hash);
  if (!is_same) {
    // Truncated, and written again from its start.
    begin_anew(file, position.inode, target);
    file.size = listed->size;
    return;
  }
  const std::uint64_t before = position.offset;
  take_lines(file, bytes.substr(known), target);
  file.size = std::max(listed->size, position.offset);
  if (position.offset != before) {
    const std::uint64_t end = position.offset - begin;
    position.tail_bytes = std::min(kTailBytes, end);
    position.tail_hash = hash_of(bytes.substr(end - position.tail_bytes, position.tail_bytes));
    save(file, target);
    return;
  }
  // A line without an end, which waits for it.
  file.size = position.offset;
}

void FarFiles::take_lines(File& file, std::string_view bytes, const Target& target) {
  const bool is_complete = file.renamed_rounds >= kRenamedRounds;  // nothing follows
  const std::size_t longest =
      std::min<std::size_t>(limits_.max_line_bytes, kPieceBlocks * request::kBlockBytes / 2);
  std::optional<ingest::RecordIntake::StreamSlot> slot;
  std::vector<Field> fields;
  // The first line of a backlog that begins anywhere is a part of one.
  bool skips_first = file.position.offset > 0 && file.position.tail_bytes == 0;
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    const std::string_view rest = bytes.substr(taken);
    std::size_t end = rest.find('\n');
    const bool has_end = end != std::string_view::npos;
    if (!has_end && !is_complete && rest.size() <= longest) break;
    if (!has_end) end = rest.size();
    if (end > longest) end = longest;
    std::string_view line = rest.substr(0, end);
    taken += end + (end < rest.size() && rest[end] == '\n' ? 1 : 0);
    if (skips_first) {
      skips_first = false;
      continue;
    }
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!slot) {
      slot = target.intake.stream({{"service_name", service_of(file.path)},
                                   {"filename", file.path},
                                   {"host", options_.host}},
                                  ingest::RecordIntake::Lines::kMayBeJoined, &file.times);
    }
    fields.clear();
    if (target.clock_ahead != 0) {
      fields.push_back({"clock_ahead_seconds", whole_milliseconds(target.clock_ahead)});
    }
    target.intake.add(*slot, time_of(file, line, target), line, fields);
    ++lines_;
  }
  file.position.offset += taken;
}

TimestampNs FarFiles::time_of(File& file, std::string_view line, const Target& target) const {
  const TimestampNs now = target.intake.now();
  const TimestampNs there = now + target.clock_ahead;
  const auto stated = ingest::parse_log_time(line, there, target.zone);
  TimestampNs time = 0;
  if (stated && !__builtin_sub_overflow(*stated, target.clock_ahead, &time) &&
      time <= now + limits_.max_future.count()) {
    file.position.line_time = time;
    return time;
  }
  // A line that states none belongs to the one before, as long as that is not long ago.
  constexpr TimestampNs kSameTime = 60 * kNsPerSecond;
  const TimestampNs last = file.position.line_time;
  return last != 0 && now - last < kSameTime ? last : now;
}

void FarFiles::save(const File& file, const Target& target) const {
  FarPosition position = file.position;
  position.times = file.times.marks();
  target.bookmarks[options_.bookmark_prefix + file.path] = position.to_text();
}

}  // namespace livedata::collect::remote
