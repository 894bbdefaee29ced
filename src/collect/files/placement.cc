#include <algorithm>
#include <tuple>

#include "collect/files/copy_detection.h"
#include "collect/files/log_table.h"

namespace livedata::collect {
namespace {

/// Bytes that must be the same before a file with another inode is taken for the one that had the
/// name before a restart: some file systems give new numbers each time.
constexpr std::uint64_t kMinMovedBytes = ContentMark::kTailBytes;
/// A start in the middle of a file is at the start of a line, if one begins so soon.
constexpr std::uint64_t kMaxLineSearch = 64 * 1024;

/// Where to start, so that at most `backlog` bytes are read, and whole lines.
Result<std::uint64_t> late_start(ByteSource& source, std::uint64_t size, std::uint64_t backlog,
                                 TextEncoding encoding) {
  if (size <= backlog) return 0;
  const std::uint64_t unit = unit_bytes(encoding);
  const std::uint64_t from = (size - backlog) / unit * unit;
  std::string buffer;
  if (backlog > 0) {
    const std::uint64_t before = std::min(from, unit);  // a line may begin right there
    LIVEDATA_TRY(const std::string_view text,
                 source.read(from - before, std::min(backlog, kMaxLineSearch), buffer));
    const std::size_t end = find_unit(text, '\n', encoding);
    return end == std::string_view::npos ? from : from - before + end + unit;
  }
  // The last line may not be whole yet.
  const std::uint64_t begin = (from - std::min(from, kMaxLineSearch)) / unit * unit;
  LIVEDATA_TRY(std::string_view text, source.read(begin, from - begin, buffer));
  std::uint64_t start = begin == 0 ? 0 : from;
  for (std::uint64_t at = begin;;) {
    const std::size_t end = find_unit(text, '\n', encoding);
    if (end == std::string_view::npos) return start;
    at += end + unit;
    start = at;
    text.remove_prefix(end + unit);
  }
}

}  // namespace

void LogTable::settle() {
  while (!unknown_.empty()) {
    std::vector<SeenFile*> files(unknown_.begin(), unknown_.end());
    unknown_.clear();
    // What is known goes first, then what is written to, then what may be a copy of that.
    std::erase_if(files, [this](SeenFile* file) {
      const Placed placed = place_by_id(*file);
      if (placed == Placed::kWait) waiting_.insert(file);
      return placed != Placed::kNo;
    });
    const auto order = [](const SeenFile* file) {
      const std::string& name = file->name();
      return std::tuple(file->has_rotated_name(),
                        without_compression_suffix(name).size() < name.size(),
                        file->status.modified);
    };
    std::sort(files.begin(), files.end(),
              [&](const SeenFile* a, const SeenFile* b) { return order(a) < order(b); });
    for (SeenFile* file : files) place(*file);
  }
  number_contents();
}

void LogTable::place(SeenFile& file) {
  RotatedLog& log = log_of(file.names.front().folder->path, file.candidate.unrotated);
  if (!file.has_rotated_name()) log.was_seen = true;
  Placed placed = Placed::kNo;
  if (file.starts_late) {
    placed = place_late(file, log);
  } else if (file.has_rotated_name()) {
    placed = place_rotated(file, log);
  } else {
    placed = place_moved(file, log);
  }
  if (placed == Placed::kWait) waiting_.insert(&file);
  if (placed != Placed::kNo) return;
  follow_new(file, log);
}

LogTable::Placed LogTable::place_by_id(SeenFile& file) {
  if (file.names.empty()) return Placed::kYes;
  const auto [begin, end] = gone_.equal_range({file.status.id.device, file.status.id.inode});
  std::vector<LogContent*> known;
  for (auto item = begin; item != end; ++item) {
    if (item->second->position.file.same_as(file.status.id)) known.push_back(item->second);
  }
  std::sort(known.begin(), known.end(),
            [](const LogContent* a, const LogContent* b) { return a->number > b->number; });
  for (LogContent* content : known) {
    const Position& position = content->position;
    const bool is_untouched =
        position.is_done || (!content->rest && file.status.size == position.mark.offset &&
                             file.status.modified == position.modified);
    if (!is_untouched) {
      const auto source = open_source(file);
      if (!source) return cannot_open(file, source.error());
      if (compare(**source, content->reading) != Likeness::kSame) continue;
    }
    bind(file, *content);
    if (!is_untouched) listener_.ready(*content);
    return Placed::kYes;
  }
  return Placed::kNo;
}

LogTable::Placed LogTable::cannot_open(SeenFile& file, const Error& error) {
  if (error.code == ErrorCode::kNotFound) {
    tree_.doubt(file);
  } else if (error.code == ErrorCode::kUnsupported) {
    if (file.candidate.is_matched) logger_.warn("{}", error.message);
    file.role = SeenFile::Role::kIgnored;
    return Placed::kYes;
  } else if (error.code != ErrorCode::kUnavailable && !waiting_.contains(&file)) {
    counters_.errors.add();
    logger_.warn("{}; add livedata's user to the group that may, such as adm", error.message);
  }
  return Placed::kWait;
}

/// A file that is there at the very first start.
LogTable::Placed LogTable::place_late(SeenFile& file, RotatedLog& log) {
  if (file.status.size == 0) {
    file.starts_late = false;
    return file.has_rotated_name() ? Placed::kWait : Placed::kNo;
  }
  const auto source = open_source(file);
  if (!source) return cannot_open(file, source.error());
  const FileSet& set = *file.candidate.set;
  const bool is_wanted = file.candidate.is_matched;
  Position position;
  if ((*source)->is_compressed()) {
    position.is_done = !is_wanted || set.backlog_bytes == 0;
  } else {
    std::string buffer;
    const auto head = (*source)->read(0, ContentMark::kHeadBytes, buffer);
    if (!head) return cannot_open(file, head.error());
    if (!head->empty()) position.encoding = detect_encoding(*head, set.encoding);
    if (set.encoding == TextEncoding::kAuto && unit_bytes(position.encoding) == 1 &&
        looks_binary(*head)) {
      file.role = SeenFile::Role::kIgnored;
      return Placed::kYes;
    }
    const auto start = late_start(**source, file.status.size, is_wanted ? set.backlog_bytes : 0,
                                  position.encoding);
    if (!start) return cannot_open(file, start.error());
    const auto mark = ContentReader::mark_at(**source, *start);
    if (!mark) return cannot_open(file, mark.error());
    position.mark = *mark;
    position.modified = file.status.modified;
    if (*start == 0) position.encoding = TextEncoding::kAuto;
  }
  LogContent& content = add_content(log);
  content.position = std::move(position);
  bind(file, content);
  if (is_wanted || content.position.mark.offset > 0 || content.position.is_done)
    mark_changed(content);
  if (is_wanted && !content.position.is_done) listener_.ready(content);
  return Placed::kYes;
}

/// A file whose name is one that logs are rotated into: it may be a copy of what was read, or the
/// place where the rest of that is.
LogTable::Placed LogTable::place_rotated(SeenFile& file, RotatedLog& log) {
  if (file.status.size == 0) return Placed::kWait;
  const auto source = open_source(file);
  if (!source) return cannot_open(file, source.error());
  const Placed copy = place_copy(file, **source, log);
  return copy == Placed::kNo ? place_rest(file, **source, log) : copy;
}

LogTable::Placed LogTable::place_copy(SeenFile& file, ByteSource& source, RotatedLog& log) {
  std::vector<LogContent*> present;
  for (auto content = log.contents.rbegin(); content != log.contents.rend(); ++content) {
    if ((*content)->file != nullptr && (*content)->file != &file) present.push_back(content->get());
  }
  for (LogContent* content : present) {
    // Only a log under its own name is copied; but everything is compressed.
    const bool is_live = !content->has_name() || content->file->name() == log.name ||
                         content->position.name == log.name;
    if (!(is_live || source.is_compressed()) || content->position.is_done ||
        !may_be_copy(file.status.id, content->file->status.id)) {
      continue;
    }
    const Likeness likeness = compare_to_present(source, *content);
    if (likeness == Likeness::kUnknown) return Placed::kWait;
    if (likeness != Likeness::kSame) continue;
    file.role = SeenFile::Role::kCopy;
    file.content = content;
    content->copies.push_back(&file);
    waiting_.erase(&file);
    return Placed::kYes;
  }
  return Placed::kNo;
}

Likeness LogTable::compare_to_present(ByteSource& source, LogContent& content) {
  // A truncation in between would make a copy look like another text.
  const auto present = [&] {
    const auto outcome = reader_.verify(content);
    if (outcome == ContentReader::Outcome::kCaughtUp) return Likeness::kSame;
    if (outcome == ContentReader::Outcome::kReplaced) replaced(content);
    // Where the file is now shows at the next look.
    if (outcome == ContentReader::Outcome::kMoved) tree_.doubt(*content.file);
    return outcome == ContentReader::Outcome::kMoved ? Likeness::kUnknown : Likeness::kOther;
  };
  if (content.reading.offset > 0 && source.is_compressed()) {
    const Likeness likeness = compare(source, content.reading);
    if (likeness != Likeness::kSame) return likeness;
  }
  if (const Likeness before = present(); before != Likeness::kSame) return before;
  const Likeness likeness = compare(source, *content.source);
  if (likeness == Likeness::kSame) return likeness;
  const Likeness after = present();
  return after == Likeness::kSame ? likeness : after;
}

LogTable::Placed LogTable::place_rest(SeenFile& file, ByteSource& source, RotatedLog& log) {
  std::vector<LogContent*> gone;
  for (auto content = log.contents.rbegin(); content != log.contents.rend(); ++content) {
    if ((*content)->file == nullptr) gone.push_back(content->get());
  }
  for (LogContent* content : gone) {
    const Position& position = content->position;
    const bool is_plausible =
        source.is_compressed() || position.name.empty() || position.name == log.name;
    if (!is_plausible || content->reading.offset == 0 ||
        !may_be_copy(file.status.id, position.file)) {
      continue;
    }
    const Likeness likeness = compare(source, content->reading);
    if (likeness == Likeness::kUnknown) return Placed::kWait;
    if (likeness == Likeness::kOther) continue;
    if (likeness == Likeness::kShorter && content->rest) {
      // What was read of it is more than that.
      file.role = SeenFile::Role::kIgnored;
      return Placed::kYes;
    }
    if (likeness == Likeness::kShorter) content->position.is_done = true;
    bind(file, *content);
    mark_changed(*content);
    if (!content->position.is_done) listener_.ready(*content);
    return Placed::kYes;
  }
  return Placed::kNo;
}

/// A file with the name of one that was read before the restart, and with what was read of it.
LogTable::Placed LogTable::place_moved(SeenFile& file, RotatedLog& log) {
  for (const auto& content : log.contents) {
    const Position& position = content->position;
    if (!content->was_loaded || position.name != file.name() ||
        position.mark.offset < kMinMovedBytes || file.status.size < position.mark.offset) {
      continue;
    }
    const auto source = open_source(file);
    if (!source) return cannot_open(file, source.error());
    if (compare(**source, position.mark) != Likeness::kSame) continue;
    bind(file, *content);
    mark_changed(*content);
    listener_.ready(*content);
    return Placed::kYes;
  }
  return Placed::kNo;
}

}  // namespace livedata::collect
