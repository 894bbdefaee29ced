#include "collect/files/log_table.h"

#include <algorithm>
#include <tuple>

namespace livedata::collect {
namespace {

/// More than this is read at the pace of what was there before.
constexpr std::uint64_t kBacklogBytes = 256 * 1024;
constexpr std::string_view kPatternPrefix = "files:";
/// Contents of a log without a file that are remembered, should a copy of one come to light.
constexpr std::size_t kMaxGone = 16;
/// Files are not opened before their turn if more than so many are open.
constexpr std::uint64_t kMaxOpenAtOnce = 256;
/// A content is forgotten when its file was away for so long since the start, and
constexpr auto kGoneTime = std::chrono::hours(1);
/// nothing of it was read for so long.
constexpr TimestampNs kForgetAge = 7 * 86'400 * kNsPerSecond;

std::pair<std::uint64_t, std::uint64_t> inode_of(const FileId& id) { return {id.device, id.inode}; }

std::string shown_path(const SeenFile& file, const RotatedLog& log) {
  const Candidate& candidate = file.candidate;
  if (!candidate.shown_path.empty()) return candidate.shown_path;
  const bool stands_alone = candidate.is_matched && !log.was_seen;
  return stands_alone && !file.names.empty() ? file.path() : log.path();
}

}  // namespace

LogTable::LogTable(const std::vector<FileSet>& sets, FolderTree& tree, ContentReader& reader,
                   Listener listener, const Clock& clock, Logger& logger, FileCounters& counters)
    : sets_(sets),
      tree_(tree),
      reader_(reader),
      listener_(std::move(listener)),
      clock_(clock),
      logger_(logger),
      counters_(counters) {}

std::string LogTable::key_of(const LogContent& content) {
  return PositionKey{content.log->path(), content.number}.to_text();
}

void LogTable::for_each(const std::function<void(LogContent&)>& visit) const {
  for (const auto& [path, log] : logs_) {
    for (const auto& content : log->contents) visit(*content);
  }
}

RotatedLog& LogTable::log_of(const std::string& folder, const std::string& name) {
  std::unique_ptr<RotatedLog>& log = logs_[join_path(folder, name)];
  if (log == nullptr) {
    log = std::make_unique<RotatedLog>();
    log->folder = folder;
    log->name = name;
  }
  return *log;
}

void LogTable::load(const Bookmarks& bookmarks) {
  std::set<std::string> patterns;
  for (const FileSet& set : sets_) {
    for (const PathPattern& pattern : set.paths) patterns.insert(pattern.text());
  }
  for (const auto& [key, value] : bookmarks) {
    if (key.starts_with(kPatternPrefix)) {
      std::string pattern = key.substr(kPatternPrefix.size());
      // Should it come back, that is another first start.
      if (!patterns.contains(pattern)) notes_[key] = "";
      started_.insert(std::move(pattern));
    }
    const auto place = PositionKey::parse(key);
    auto position = Position::parse(value);
    if (!place || !position) continue;
    const Path path(place->path);
    RotatedLog& log = log_of(path.parent_path().native(), path.filename().native());
    log.contents.push_back(std::make_unique<LogContent>());
    LogContent& content = *log.contents.back();
    content.log = &log;
    content.number = place->number;
    content.position = *std::move(position);
    content.was_loaded = true;
    content.has_bookmark = true;
    content.gone_since = clock_.steady_now();
    content.go_back();
    log.next_number = std::max(log.next_number, content.number + 1);
    log.was_seen = log.was_seen || content.position.name == log.name;
    if (content.position.times[0] > log.times.marks()[0])
      log.times.set_marks(content.position.times);
    gone_.emplace(inode_of(content.position.file), &content);
  }
  for (const auto& [path, log] : logs_) {
    std::sort(log->contents.begin(), log->contents.end(),
              [](const auto& a, const auto& b) { return a->number < b->number; });
  }
}

void LogTable::take(const FolderTree::Changes& changes, bool complete) {
  std::set<const SeenFile*> lost;
  for (SeenFile* file : changes.lost) {
    lost.insert(file);
    lose(*file);
  }
  for (SeenFile* file : changes.found) {
    if (lost.contains(file)) continue;
    const PathPattern* pattern = file->candidate.pattern;
    file->starts_late = pattern != nullptr && !started_.contains(pattern->text());
    unknown_.insert(file);
  }
  for (SeenFile* file : changes.renamed) {
    if (lost.contains(file)) continue;
    if (file->role == SeenFile::Role::kReading) {
      LogContent& content = *file->content;
      if (file->name() != content.log->name)
        counters_.rotations.add(std::exchange(content.was_live, false) ? 1 : 0);
      listener_.ready(content);
    } else {
      written(*file);
    }
  }
  for (SeenFile* file : changes.changed) {
    if (!lost.contains(file)) written(*file);
  }
  settle();
  if (complete) mark_patterns();
}

void LogTable::mark_patterns() {
  for (const FileSet& set : sets_) {
    for (const PathPattern& pattern : set.paths) {
      if (started_.insert(pattern.text()).second)
        notes_[fmt::format("{}{}", kPatternPrefix, pattern.text())] = "1";
    }
  }
}

void LogTable::written(SeenFile& file) {
  switch (file.role) {
    case SeenFile::Role::kReading:
      if (!file.content->position.is_done) listener_.ready(*file.content);
      break;
    case SeenFile::Role::kCopy:
      std::erase(file.content->copies, &file);
      file.content = nullptr;
      file.role = SeenFile::Role::kUndecided;
      [[fallthrough]];
    case SeenFile::Role::kUndecided:
      unknown_.insert(&file);
      break;
    case SeenFile::Role::kIgnored:
      break;
  }
}

void LogTable::lose(SeenFile& file) {
  unknown_.erase(&file);
  waiting_.erase(&file);
  if (file.role == SeenFile::Role::kCopy) std::erase(file.content->copies, &file);
  if (file.role == SeenFile::Role::kReading) {
    LogContent& content = *file.content;
    counters_.rotations.add(std::exchange(content.was_live, false) ? 1 : 0);
    if (content.source != nullptr && !content.position.is_done) {
      listener_.ready(content);  // it is read to its end, though nobody else can open it
      return;
    }
    const bool nothing_left = file.status.size == content.position.mark.offset;
    content.gone_bytes =
        file.status.size - std::min(file.status.size, content.position.mark.offset);
    if (content.position.is_done) content.gone_bytes = 0;
    unbind(content);
    release_copies(content, nothing_left);
  }
  tree_.forget(file);
}

void LogTable::follow_new(SeenFile& file, RotatedLog& log) {
  LogContent& content = add_content(log);
  bind(file, content);
  // Once it is open it may be renamed and deleted, and is read nevertheless.
  auto outcome = ContentReader::Outcome::kCaughtUp;
  const bool has_room = counters_.open.load() < kMaxOpenAtOnce;
  if (has_room && !reader_.open(content, outcome) && outcome == ContentReader::Outcome::kMoved)
    tree_.doubt(file);
  listener_.ready(content);
}

LogContent& LogTable::add_content(RotatedLog& log) {
  log.contents.push_back(std::make_unique<LogContent>());
  LogContent& content = *log.contents.back();
  content.log = &log;
  content.number = UINT64_MAX;  // until all that was found together is known
  unnumbered_.push_back(&content);
  return content;
}

/// Older ones first, and the file that is written to last.
void LogTable::number_contents() {
  const auto age = [](const LogContent* content) {
    const FileStatus& status = content->file->status;
    return std::tuple(!content->is_rotated(), status.id.born, status.modified);
  };
  std::erase_if(unnumbered_, [](const LogContent* content) { return content->file == nullptr; });
  std::sort(unnumbered_.begin(), unnumbered_.end(),
            [&](const LogContent* a, const LogContent* b) { return age(a) < age(b); });
  for (LogContent* content : unnumbered_) content->number = content->log->next_number++;
  unnumbered_.clear();
}

void LogTable::bind(SeenFile& file, LogContent& content) {
  const auto [begin, end] = gone_.equal_range(inode_of(content.position.file));
  const auto gone =
      std::find_if(begin, end, [&](const auto& item) { return item.second == &content; });
  if (gone != end) gone_.erase(gone);
  file.role = SeenFile::Role::kReading;
  file.content = &content;
  waiting_.erase(&file);
  content.file = &file;
  content.set = file.candidate.set;
  content.shown_path = shown_path(file, *content.log);
  content.was_loaded = false;
  if (content.joiner == nullptr) content.joiner = reader_.make_joiner(content);
  const bool is_compressed =
      !file.names.empty() && without_compression_suffix(file.name()).size() < file.name().size();
  const std::uint64_t size = file.status.size;
  const bool is_long = size - std::min(size, content.position.mark.offset) > kBacklogBytes;
  content.backlog_end = is_compressed ? UINT64_MAX : is_long ? size : 0;
  content.was_live = !file.names.empty() && file.name() == content.log->name;
  content.rest.reset();
  content.grown = clock_.steady_now();
  content.gone_bytes = 0;
  const bool is_other = content.position.file.inode != file.status.id.inode ||
                        content.position.file.device != file.status.id.device;
  content.position.file = file.status.id;
  if (!file.names.empty()) content.position.name = file.name();
  content.seen_size = 0;
  content.go_back();
  if (is_other && content.has_bookmark) mark_changed(content);
}

void LogTable::unbind(LogContent& content) {
  reader_.close(content);
  content.file->content = nullptr;
  content.file->role = SeenFile::Role::kUndecided;
  content.file = nullptr;
  content.gone_since = clock_.steady_now();
  gone_.emplace(inode_of(content.position.file), &content);
  if (content.joiner == nullptr || content.joiner->empty()) return;
  content.joiner->flush([&](const ingest::pipeline::MultiLine::Joined& record) {
    content.rest = LogContent::Rest{std::string(record.text), record.origin.tag};
  });
  listener_.ready(content);
}

void LogTable::release_copies(LogContent& content, bool nothing_left) {
  for (SeenFile* copy : std::exchange(content.copies, {})) {
    copy->role = SeenFile::Role::kUndecided;
    copy->content = nullptr;
    const std::string& name = copy->name();
    if (nothing_left && content.file == nullptr &&
        without_compression_suffix(name).size() < name.size()) {
      // Decompressing it would bring nothing to light.
      content.position.is_done = true;
      bind(*copy, content);
      mark_changed(content);
    } else {
      unknown_.insert(copy);
    }
  }
}

void LogTable::replaced(LogContent& content) {
  SeenFile& file = *content.file;
  RotatedLog& log = *content.log;
  counters_.truncations.add();
  unbind(content);
  LogContent& next = add_content(log);
  bind(file, next);
  listener_.ready(next);
  release_copies(content, false);
}

void LogTable::finished(LogContent& content) {
  content.position.is_done = true;
  reader_.close(content);
  if (content.has_name()) {
    mark_changed(content);
    return;
  }
  SeenFile& file = *content.file;
  content.position.is_done = false;
  unbind(content);
  release_copies(content, true);
  tree_.forget(file);
}

void LogTable::is_no_text(LogContent& content) {
  SeenFile& file = *content.file;
  logger_.info("{} is left out, because it is no text",
               file.names.empty() ? content.shown_path : file.path());
  unbind(content);
  file.role = SeenFile::Role::kIgnored;
  forget(content);
}

void LogTable::stored(LogContent& content, Position position) {
  content.position = std::move(position);
  content.has_bookmark = true;
  if (content.file == nullptr) content.rest.reset();
  changed_.erase(&content);
}

void LogTable::mark_changed(LogContent& content) { changed_.insert(&content); }

Bookmarks LogTable::changes() const {
  Bookmarks changes = notes_;
  for (const LogContent* content : changed_) {
    Position position = content->position;
    position.written = clock_.now();
    changes[key_of(*content)] = position.to_text();
  }
  return changes;
}

void LogTable::changes_stored() {
  for (LogContent* content : changed_) content->has_bookmark = true;
  changed_.clear();
  notes_.clear();
}

void LogTable::forget(LogContent& content) {
  listener_.forgotten(content);
  release_copies(content, false);
  if (content.has_bookmark) notes_[key_of(content)] = "";
  counters_.unread_bytes.add(content.gone_bytes);
  changed_.erase(&content);
  std::erase(unnumbered_, &content);
  std::erase_if(gone_, [&](const auto& item) { return item.second == &content; });
  auto& contents = content.log->contents;
  std::erase_if(contents, [&](const auto& item) { return item.get() == &content; });
}

void LogTable::forget_gone(RotatedLog& log) {
  const auto now = clock_.steady_now();
  const TimestampNs wall = clock_.now();
  std::vector<LogContent*> old;
  std::size_t kept = 0;
  for (std::size_t i = log.contents.size(); i-- > 0;) {
    LogContent& content = *log.contents[i];
    if (content.file != nullptr || content.rest) continue;
    const bool is_old =
        now - content.gone_since >= kGoneTime && wall - content.position.written >= kForgetAge;
    // Nothing can be told of it, and nothing was read: what comes is new.
    const bool is_blank = content.position.mark.offset == 0 && !content.has_bookmark;
    if (is_old || is_blank || ++kept > kMaxGone) old.push_back(&content);
  }
  for (LogContent* content : old) forget(*content);
}

void LogTable::tidy() {
  unknown_.insert(waiting_.begin(), waiting_.end());
  settle();
  for (auto log = logs_.begin(); log != logs_.end();) {
    forget_gone(*log->second);
    log = log->second->contents.empty() ? logs_.erase(log) : std::next(log);
  }
}

}  // namespace livedata::collect
