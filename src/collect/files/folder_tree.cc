#include "collect/files/folder_tree.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "collect/files/rotated_name.h"

namespace livedata::collect {
namespace {

constexpr std::size_t kMaxFolders = 65'536;
/// Pauses between two looks into a folder, by how long a look takes.
constexpr int kPauseFactor = 4;

std::pair<std::uint64_t, std::uint64_t> key_of(const FileId& id) { return {id.device, id.inode}; }

/// The part of the pattern that names of files in the folder are held against.
std::size_t file_part(const PathPattern& pattern, std::size_t part) {
  return pattern.is_any_depth(part) ? part + 1 : part;
}

const PathPattern& pattern_of(const Folder::State& state) {
  return state.set->paths[state.pattern];
}

/// The states of a folder's subfolder.
std::vector<Folder::State> states_below(const Folder& folder, const std::string& name,
                                        bool is_link) {
  std::vector<Folder::State> below;
  for (const Folder::State& state : folder.states) {
    const PathPattern& pattern = pattern_of(state);
    const auto add = [&](std::size_t part) { below.push_back({state.set, state.pattern, part}); };
    const std::size_t part = file_part(pattern, state.part);
    // Links could lead ** round in circles.
    if (part != state.part && !is_link && pattern.matches_part(state.part, name)) add(state.part);
    if (!pattern.is_last(part) && pattern.matches_part(part, name)) add(part + 1);
  }
  return below;
}

bool may_hold_files(const Folder& folder) {
  return !folder.linked.empty() ||
         std::any_of(folder.states.begin(), folder.states.end(), [](const Folder::State& state) {
           const PathPattern& pattern = pattern_of(state);
           return pattern.is_last(file_part(pattern, state.part));
         });
}

}  // namespace

struct FolderTree::DirectoryEntry {
  std::string name;
  std::uint64_t inode = 0;
  unsigned char type = DT_UNKNOWN;
};

namespace {

/// Nothing if the folder can't be read.
template <class Entry>
std::optional<std::vector<Entry>> read_folder(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(path.c_str()), &::closedir);
  if (stream == nullptr) return std::nullopt;
  std::vector<Entry> entries;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this thread's own
  while (const dirent* entry = ::readdir(stream.get())) {
    std::string name(static_cast<const char*>(entry->d_name));
    if (name != "." && name != "..")
      entries.push_back({std::move(name), entry->d_ino, entry->d_type});
  }
  return entries;
}

}  // namespace

std::string SeenFile::path() const {
  return join_path(names.front().folder->path, names.front().name);
}

FolderTree::FolderTree(const std::vector<FileSet>& sets, std::unique_ptr<FolderWatch> watch,
                       const Clock& clock, Logger& logger)
    : sets_(sets), watch_(std::move(watch)), clock_(clock), logger_(logger) {}

FolderTree::~FolderTree() = default;

void FolderTree::take_events(const std::function<void(SeenFile&)>& written) {
  if (watch_ == nullptr) return;
  const bool complete = watch_->take([&](const FolderWatch::Event& event) {
    const auto watched = by_watch_.find(event.watch);
    if (watched == by_watch_.end()) return;
    Folder& folder = *watched->second;
    const std::string name(event.name);
    const auto entry = folder.entries.find(name);
    const bool is_known = entry != folder.entries.end();
    if (event.what == FolderWatch::What::kFolderGone) {
      folder.is_dirty = true;
      roots_changed_ = true;
    } else if (event.what == FolderWatch::What::kWritten && is_known) {
      if (entry->second.file != nullptr) written(*entry->second.file);
    } else if (is_known || candidate_of(folder, name) ||
               !states_below(folder, name, false).empty()) {
      folder.touched.insert(name);
      folder.is_dirty = true;
    }
  });
  overflowed_ = overflowed_ || !complete;
}

void FolderTree::find_roots() {
  roots_changed_ = false;
  for (const FileSet& set : sets_) {
    for (std::size_t i = 0; i < set.paths.size(); ++i) {
      // As far down as there are folders; the rest is found when it comes.
      for (std::size_t parts = set.paths[i].literal_parts() + 1; parts-- > 0;) {
        if (add_folder(set.paths[i].folder_of(parts), {{&set, i, parts}}) != nullptr) break;
      }
    }
  }
}

Folder* FolderTree::add_folder(const std::string& path, const std::vector<Folder::State>& states) {
  const auto status = status_of_path(path);
  if (!status || status->kind != FileKind::kFolder) return nullptr;
  if (folders_.size() >= kMaxFolders) {
    if (!said_limit_) logger_.warn("more than {} folders match; the rest is left out", kMaxFolders);
    said_limit_ = true;
    return nullptr;
  }
  std::unique_ptr<Folder>& slot = folders_[key_of(status->id)];
  const bool is_new = slot == nullptr;
  if (is_new) {
    slot = std::make_unique<Folder>();
    slot->path = path;
    slot->id = status->id;
  }
  Folder& folder = *slot;
  bool has_more = is_new;
  for (const Folder::State& state : states) {
    if (std::find(folder.states.begin(), folder.states.end(), state) != folder.states.end())
      continue;
    folder.states.push_back(state);
    has_more = true;
  }
  if (has_more) look_closer(folder);
  return &folder;
}

void FolderTree::look_closer(Folder& folder) {
  folder.is_dirty = true;
  folder.rereads = true;
  if (watch_ == nullptr) return;
  const auto interest =
      may_hold_files(folder) ? FolderWatch::Interest::kFiles : FolderWatch::Interest::kFolders;
  folder.watch = watch_->add(folder.path, interest);
  if (folder.watch) {
    by_watch_[*folder.watch] = &folder;
  } else if (!said_unwatched_) {
    said_unwatched_ = true;
    logger_.warn("{} can't be watched ({}); files there are looked at every few seconds",
                 folder.path, std::generic_category().message(errno));
  }
}

void FolderTree::drop_folder(Folder& folder, Changes& changes) {
  roots_changed_ = true;
  for (auto& [name, entry] : folder.entries) {
    if (entry.file != nullptr) drop_name(folder, name, *entry.file, changes);
  }
  if (folder.watch) {
    watch_->remove(*folder.watch);
    by_watch_.erase(*folder.watch);
  }
  folders_.erase(key_of(folder.id));
}

FolderTree::Changes FolderTree::look(bool all) {
  Changes changes;
  all = all || overflowed_;
  overflowed_ = false;
  if (all || roots_changed_) find_roots();
  const auto now = clock_.steady_now();
  std::set<Folder*> seen;
  for (bool again = true; again;) {
    again = false;
    std::vector<Folder*> due;
    for (const auto& [key, folder] : folders_) {
      const bool is_due = all ? !seen.contains(folder.get()) || folder->is_dirty
                              : folder->is_dirty && folder->next_look <= now;
      if (is_due) due.push_back(folder.get());
    }
    for (Folder* folder : due) {
      again = true;
      list(*folder, all && seen.insert(folder).second, changes);
    }
    if (roots_changed_ && again) find_roots();
  }
  std::erase_if(changes.lost, [](const SeenFile* file) { return !file->names.empty(); });
  for (auto* files : {&changes.found, &changes.renamed, &changes.changed, &changes.lost}) {
    std::sort(files->begin(), files->end());
    files->erase(std::unique(files->begin(), files->end()), files->end());
  }
  return changes;
}

std::optional<std::chrono::steady_clock::time_point> FolderTree::next_look() const {
  std::optional<std::chrono::steady_clock::time_point> next;
  if (roots_changed_ || overflowed_) return clock_.steady_now();
  for (const auto& [key, folder] : folders_) {
    if (folder->is_dirty) next = next ? std::min(*next, folder->next_look) : folder->next_look;
  }
  return next;
}

void FolderTree::list(Folder& folder, bool all, Changes& changes) {
  const auto begin = clock_.steady_now();
  const auto status = status_of_path(folder.path);
  if (!status || !status->id.same_as(folder.id)) {
    drop_folder(folder, changes);
    return;
  }
  folder.is_dirty = false;
  const FileHandle handle = open_folder(folder.path);
  const auto names = handle ? read_folder<DirectoryEntry>(folder.path) : std::nullopt;
  if (!names) {
    if (!folder.said_unreadable) logger_.warn("the folder {} can't be read", folder.path);
    folder.said_unreadable = true;
    return;
  }
  ++folder.looks;
  // What was of no interest may be now.
  if (std::exchange(folder.rereads, false))
    std::erase_if(folder.entries, [](const auto& entry) { return entry.second.file == nullptr; });
  for (const DirectoryEntry& found : *names) visit_name(folder, handle, found, all, changes);
  find_lost(folder, handle, *names, changes);
  folder.touched.clear();
  const auto end = clock_.steady_now();
  folder.next_look = end + kPauseFactor * (end - begin);
}

void FolderTree::visit_name(Folder& folder, const FileHandle& handle, const DirectoryEntry& found,
                            bool all, Changes& changes) {
  const auto [slot, is_new] = folder.entries.try_emplace(found.name);
  Folder::Entry& entry = slot->second;
  entry.look = folder.looks;
  const bool is_other = is_new || entry.inode != found.inode || folder.touched.contains(found.name);
  const bool is_followed = entry.file != nullptr || entry.is_link || entry.is_folder;
  if (!is_other && !(all && is_followed)) return;
  entry.inode = found.inode;
  entry.is_link = found.type == DT_LNK;
  if (found.type == DT_DIR || entry.is_link || found.type == DT_UNKNOWN)
    enter_folder(folder, found.name, entry);
  const auto candidate = entry.is_folder ? std::nullopt : candidate_of(folder, found.name);
  const auto status = candidate ? status_at(handle, found.name) : std::nullopt;
  if (candidate && !status) entry.inode = 0;  // gone in between, or a link to nothing: look again
  const bool is_file = status && status->kind == FileKind::kRegular;
  if (is_file && entry.is_link) {
    visit_link(folder, found.name, *candidate);
  } else if (is_file) {
    visit_file(folder, found.name, entry, *status, *candidate, changes);
    return;
  }
  if (entry.file != nullptr) drop_name(folder, found.name, *entry.file, changes);
  entry.file = nullptr;
}

void FolderTree::enter_folder(Folder& folder, const std::string& name, Folder::Entry& entry) {
  const auto states = states_below(folder, name, entry.is_link);
  entry.is_folder = !states.empty() && add_folder(join_path(folder.path, name), states) != nullptr;
}

/// The file is looked at where it really is, since that is where it is rotated and where the kernel
/// tells of it.
void FolderTree::visit_link(Folder& folder, const std::string& name, const Candidate& candidate) {
  std::error_code error;
  const std::string path = join_path(folder.path, name);
  const Path target = std::filesystem::canonical(path, error);
  if (error) return;
  Folder* home = add_folder(target.parent_path().native(), {});
  if (home == nullptr) return;
  Candidate linked = candidate;
  linked.shown_path = path;
  linked.unrotated = target.filename().native();
  if (home->linked.try_emplace(target.filename().native(), std::move(linked)).second)
    look_closer(*home);
}

void FolderTree::visit_file(Folder& folder, const std::string& name, Folder::Entry& entry,
                            const FileStatus& status, const Candidate& candidate,
                            Changes& changes) {
  std::unique_ptr<SeenFile>& slot = files_[key_of(status.id)];
  if (slot != nullptr && !slot->status.id.same_as(status.id)) {
    // The inode was given again.
    for (const FileName& old : slot->names) {
      if (const auto at = old.folder->entries.find(old.name); at != old.folder->entries.end())
        at->second.file = nullptr;
    }
    slot->names.clear();
    changes.lost.push_back(slot.get());
    replaced_.push_back(std::exchange(slot, nullptr));
  }
  if (slot == nullptr) {
    slot = std::make_unique<SeenFile>();
    slot->status = status;
    changes.found.push_back(slot.get());
  }
  SeenFile& file = *slot;
  if (entry.file != &file) {
    if (entry.file != nullptr) drop_name(folder, name, *entry.file, changes);
    entry.file = &file;
    file.names.push_back({&folder, name});
    if (file.names.size() == 1) {
      file.candidate = candidate;
      changes.renamed.push_back(&file);
    }
  }
  if (file.status.size != status.size || file.status.modified != status.modified)
    changes.changed.push_back(&file);
  file.status = status;
}

void FolderTree::find_lost(Folder& folder, const FileHandle& handle,
                           const std::vector<DirectoryEntry>& names, Changes& changes) {
  std::vector<SeenFile*> lost;
  std::erase_if(folder.entries, [&](const auto& item) {
    const auto& [name, entry] = item;
    if (entry.look == folder.looks) return false;
    if (entry.file != nullptr) {
      drop_name(folder, name, *entry.file, changes);
      if (entry.file->names.empty()) lost.push_back(entry.file);
    }
    return true;
  });
  if (lost.empty()) return;
  // It may have a name now that no pattern would find.
  std::unordered_map<std::uint64_t, const std::string*> name_of;
  for (const DirectoryEntry& found : names) name_of[found.inode] = &found.name;
  for (SeenFile* file : lost) {
    const auto name = name_of.find(file->status.id.inode);
    if (name == name_of.end()) continue;
    const auto status = status_at(handle, *name->second);
    if (!status || !status->id.same_as(file->status.id)) continue;
    Candidate candidate = file->candidate;
    candidate.is_matched = false;
    visit_file(folder, *name->second, folder.entries[*name->second], *status, candidate, changes);
  }
}

void FolderTree::drop_name(Folder& folder, const std::string& name, SeenFile& file,
                           Changes& changes) {
  const bool was_first = !file.names.empty() && file.names.front().folder == &folder &&
                         file.names.front().name == name;
  std::erase_if(file.names,
                [&](const FileName& old) { return old.folder == &folder && old.name == name; });
  if (file.names.empty()) {
    changes.lost.push_back(&file);
  } else if (was_first) {
    if (auto candidate = candidate_of(*file.names.front().folder, file.names.front().name))
      file.candidate = *std::move(candidate);
    changes.renamed.push_back(&file);
  }
}

std::optional<Candidate> FolderTree::match(const Folder& folder, const std::string& name) {
  for (const Folder::State& state : folder.states) {
    const PathPattern& pattern = pattern_of(state);
    const std::size_t part = file_part(pattern, state.part);
    if (pattern.is_last(part) && pattern.matches_part(part, name) &&
        !state.set->excludes_file(folder.path, name)) {
      return Candidate{.set = state.set, .pattern = &pattern, .is_matched = true};
    }
  }
  const auto linked = folder.linked.find(name);
  return linked == folder.linked.end() ? std::nullopt : std::optional(linked->second);
}

std::optional<Candidate> FolderTree::candidate_of(const Folder& folder, const std::string& name) {
  std::string unrotated = unrotated_name(name);
  auto candidate = match(folder, name);
  if (!candidate && unrotated != name) {
    candidate = match(folder, unrotated);
    if (candidate) candidate->is_matched = false;
  }
  if (candidate) candidate->unrotated = std::move(unrotated);
  return candidate;
}

void FolderTree::doubt(SeenFile& file) {
  for (const FileName& name : file.names) {
    name.folder->touched.insert(name.name);
    name.folder->is_dirty = true;
  }
}

void FolderTree::forget(SeenFile& file) {
  if (std::erase_if(replaced_, [&](const auto& old) { return old.get() == &file; }) > 0) return;
  files_.erase(key_of(file.status.id));
}

}  // namespace livedata::collect
