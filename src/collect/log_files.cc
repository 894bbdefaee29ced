#include "collect/log_files.h"

#include <glob.h>

#include <algorithm>
#include <cstring>

#include "collect/proc_source.h"
#include "ingest/line_clock.h"
#include "ingest/record_intake.h"

namespace livedata::collect {
namespace {

constexpr std::size_t kMaxReadBytes = 1U << 20U;
constexpr int kPollsBetweenSearches = 10;

/// Service of a log file: its folder's name below the log folder, else the file's name without
/// endings.
std::string service_of(const Path& path) {
  std::string parent = path.parent_path().filename().string();
  if (parent != "log" && parent != "logs" && !parent.empty()) return parent;
  const std::string name = path.filename().string();
  return name.substr(0, name.find('.'));
}

bool looks_binary(const std::string& path) {
  const auto head = read_small_file(path, 512);
  return head && head->find('\0') != std::string::npos;
}

}  // namespace

std::vector<std::string> usual_log_globs(const Path& log_folder) {
  std::vector<std::string> globs;
  for (const char* name :
       {"syslog", "messages", "*.log", "apt/*.log", "nginx/*.log", "apache2/*.log", "httpd/*_log",
        "postgresql/*.log", "mysql/*.log", "redis/*.log", "audit/*.log"}) {
    globs.push_back((log_folder / name).string());
  }
  return globs;
}

LogFiles::LogFiles(LogFilesOptions options, Sink sink, const Limits& limits, FileSystem& files,
                   const Clock& clock, Logger& logger)
    : options_(std::move(options)),
      sink_(std::move(sink)),
      limits_(limits),
      files_(files),
      clock_(clock),
      logger_(logger) {
  load_positions();
}

/// One line a file: device inode offset fingerprint fingerprint-bytes path
void LogFiles::load_positions() {
  const auto content = files_.read_all(options_.state_file);
  if (!content) return;  // the first start
  for (TextScanner lines(*content); !lines.done();) {
    const std::string_view line = lines.line();
    TextScanner words(line);
    FilePosition position;
    position.device = words.number();
    position.inode = words.number();
    position.offset = words.number();
    position.fingerprint = words.number();
    position.fingerprint_bytes = words.number();
    const std::size_t path = line.find('/');
    if (path != std::string_view::npos) saved_[std::string(line.substr(path))] = position;
  }
}

Result<void> LogFiles::save_positions() {
  std::string content;
  for (const auto& [path, tail] : tails_) {
    const FilePosition p = tail->position();
    if (p.inode == 0 || path.find('\n') != std::string::npos) continue;
    content += fmt::format("{} {} {} {} {} {}\n", p.device, p.inode, p.offset, p.fingerprint,
                           p.fingerprint_bytes, path);
  }
  LIVEDATA_RETURN_IF_ERROR(files_.create_folders(options_.state_file.parent_path()));
  return write_atomically(files_, options_.state_file, content);
}

void LogFiles::find_files() {
  if (polls_until_search_-- > 0) return;
  polls_until_search_ = kPollsBetweenSearches;
  for (const std::string& pattern : options_.globs) {
    glob_t found{};
    // NOLINTNEXTLINE(concurrency-mt-unsafe): unsafe only with flags that are not used
    if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0) {
      for (std::size_t i = 0; i < found.gl_pathc; ++i) {
        const std::string path = found.gl_pathv[i];
        if (tails_.contains(path) || looks_binary(path)) continue;
        const auto saved = saved_.find(path);
        const auto position = saved == saved_.end() ? std::nullopt : std::optional(saved->second);
        tails_.emplace(path, std::make_unique<FileTail>(path, position, options_.max_backlog));
      }
    }
    ::globfree(&found);
  }
}

Result<bool> LogFiles::read_file(FileTail& tail) {
  const TimestampNs now = clock_.now();
  const ingest::DecodeContext context{limits_, now};
  ingest::RecordIntake intake(context);
  const auto stream = intake.stream({{"service_name", service_of(tail.path())},
                                     {"filename", tail.path().string()},
                                     {"host", options_.host}});
  std::vector<Field> fields;
  ingest::LineClock times(now, limits_.max_future.count());
  const auto outcome = tail.read(kMaxReadBytes, limits_.max_line_bytes, [&](std::string_view line) {
    fields.clear();
    intake.add(stream, times.next(line, now), line, fields);
  });
  if (outcome == FileTail::Outcome::kNoPermission && refused_.insert(tail.path().string()).second) {
    logger_.warn("{} can't be read; add livedata's user to the group that may, such as adm",
                 tail.path().string());
  }
  if (outcome != FileTail::Outcome::kRead) return false;
  LIVEDATA_RETURN_IF_ERROR(sink_(intake.take().batch));
  tail.commit();
  return true;
}

Result<void> LogFiles::poll() {
  find_files();
  bool any = false;
  for (const auto& [path, tail] : tails_) {
    LIVEDATA_TRY(const bool read, read_file(*tail));
    any = any || read;
  }
  return any ? save_positions() : Result<void>();
}

}  // namespace livedata::collect
