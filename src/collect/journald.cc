#include "collect/journald.h"

#include <dlfcn.h>

#include <array>
#include <cstdlib>
#include <deque>
#include <system_error>

#include <systemd/sd-journal.h>

#include "ingest/record_intake.h"

namespace livedata::collect {
namespace {

constexpr int kMaxEntriesPerPoll = 5000;

/// Level of a syslog priority (RFC 5424 table 2).
std::string_view level_of_priority(std::string_view priority) {
  constexpr std::array<std::string_view, 8> kLevels = {"fatal", "critical", "critical", "error",
                                                       "warn",  "info",     "info",     "debug"};
  if (priority.size() != 1 || priority[0] < '0' || priority[0] > '7') return "unknown";
  return kLevels[static_cast<std::size_t>(priority[0] - '0')];
}

struct FieldName {
  std::string_view journal;
  std::string_view field;
};
// What of an entry becomes fields, under which name.
constexpr std::array kFieldNames = {
    FieldName{"PRIORITY", "priority"},
    FieldName{"SYSLOG_IDENTIFIER", "syslog_identifier"},
    FieldName{"_PID", "pid"},
    FieldName{"_UID", "uid"},
    FieldName{"_COMM", "comm"},
    FieldName{"_EXE", "exe"},
    FieldName{"_TRANSPORT", "transport"},
    FieldName{"_BOOT_ID", "boot_id"},
    FieldName{"CODE_FILE", "code_file"},
    FieldName{"MESSAGE_ID", "message_id"},
};

std::string without_suffix(std::string name, std::string_view suffix) {
  if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
  return name;
}

}  // namespace

/// libsystemd's functions, found at run time.
class Journald::Library {
 public:
  static Result<std::unique_ptr<Library>> load() {
    auto library = std::unique_ptr<Library>(new Library());  // NOLINT: the constructor is private
    library->handle_ = ::dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
    const bool all = library->handle_ != nullptr &&
                     library->find("sd_journal_open", library->open) &&
                     library->find("sd_journal_open_directory", library->open_directory) &&
                     library->find("sd_journal_close", library->close) &&
                     library->find("sd_journal_seek_head", library->seek_head) &&
                     library->find("sd_journal_seek_realtime_usec", library->seek_realtime) &&
                     library->find("sd_journal_seek_cursor", library->seek_cursor) &&
                     library->find("sd_journal_test_cursor", library->test_cursor) &&
                     library->find("sd_journal_next", library->next) &&
                     library->find("sd_journal_get_cursor", library->get_cursor) &&
                     library->find("sd_journal_get_realtime_usec", library->get_realtime) &&
                     library->find("sd_journal_restart_data", library->restart_data) &&
                     library->find("sd_journal_enumerate_data", library->enumerate_data) &&
                     library->find("sd_journal_process", library->process) &&
                     library->find("sd_journal_get_fd", library->get_fd);
    if (!all) return fail(ErrorCode::kUnavailable, "libsystemd is not installed");
    return library;
  }
  ~Library() {
    if (handle_ != nullptr) ::dlclose(handle_);
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  decltype(&::sd_journal_open) open = nullptr;
  decltype(&::sd_journal_open_directory) open_directory = nullptr;
  decltype(&::sd_journal_close) close = nullptr;
  decltype(&::sd_journal_seek_head) seek_head = nullptr;
  decltype(&::sd_journal_seek_realtime_usec) seek_realtime = nullptr;
  decltype(&::sd_journal_seek_cursor) seek_cursor = nullptr;
  decltype(&::sd_journal_test_cursor) test_cursor = nullptr;
  decltype(&::sd_journal_next) next = nullptr;
  decltype(&::sd_journal_get_cursor) get_cursor = nullptr;
  decltype(&::sd_journal_get_realtime_usec) get_realtime = nullptr;
  decltype(&::sd_journal_restart_data) restart_data = nullptr;
  decltype(&::sd_journal_enumerate_data) enumerate_data = nullptr;
  decltype(&::sd_journal_process) process = nullptr;
  decltype(&::sd_journal_get_fd) get_fd = nullptr;

 private:
  Library() = default;

  template <class Function>
  bool find(const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(handle_, name));  // NOLINT: how dlsym(3) is used
    return function != nullptr;
  }

  void* handle_ = nullptr;
};

class Journald::Impl {
 public:
  Impl(JournaldOptions options, Sink sink, const Bookmarks& saved, const Limits& limits,
       const Clock& clock)
      : options_(std::move(options)),
        key_(fmt::format("journal:{}", options_.machine)),
        sink_(std::move(sink)),
        limits_(limits),
        clock_(clock) {
    if (const auto cursor = saved.find(key_); cursor != saved.end()) cursor_ = cursor->second;
  }
  ~Impl() {
    if (journal_ != nullptr) library_->close(journal_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> open() {
    LIVEDATA_TRY(library_, Library::load());
    const int opened =
        options_.journal_folder.empty()
            ? library_->open(&journal_, SD_JOURNAL_LOCAL_ONLY)
            : library_->open_directory(&journal_, options_.journal_folder.c_str(), 0);
    if (opened < 0) return failed("open", opened);
    // Without an entry at all there is no journald, or none that we may read.
    library_->seek_head(journal_);
    if (library_->next(journal_) <= 0)
      return fail(ErrorCode::kUnavailable, "the journal is empty or may not be read");
    library_->get_fd(journal_);  // starts watching for new files, where the kernel lets us
    return seek();
  }

  Result<void> poll() {
    library_->process(journal_);
    const ingest::DecodeContext context{limits_, clock_.now()};
    ingest::RecordIntake intake(context);
    int taken = 0;
    while (taken < kMaxEntriesPerPoll && library_->next(journal_) > 0) {
      add_entry(intake);
      ++taken;
    }
    if (taken == 0) return {};
    std::string cursor = read_cursor();
    if (auto stored = sink_(intake.take().batch, {{key_, cursor}}); !stored) {
      static_cast<void>(seek());  // the same entries again, next time
      return stored;
    }
    cursor_ = std::move(cursor);
    return {};
  }

 private:
  [[nodiscard]] tl::unexpected<Error> failed(std::string_view what, int negative_errno) const {
    return fail(ErrorCode::kUnavailable, "{} the journal: {}", what,
                std::generic_category().message(-negative_errno));
  }

  /// To the entry behind the last one that was taken, else to the start of the backlog.
  Result<void> seek() {
    if (!cursor_.empty() && library_->seek_cursor(journal_, cursor_.c_str()) >= 0) {
      // The next entry is the one with the cursor itself, unless that one is gone.
      if (library_->next(journal_) > 0 && library_->test_cursor(journal_, cursor_.c_str()) > 0)
        return {};
      library_->seek_cursor(journal_, cursor_.c_str());
      return {};
    }
    const TimestampNs from = clock_.now() - options_.max_backlog_ns;
    const int sought = library_->seek_realtime(journal_, static_cast<std::uint64_t>(from / 1000));
    return sought < 0 ? Result<void>(failed("seek in", sought)) : Result<void>();
  }

  std::string read_cursor() const {
    char* cursor = nullptr;
    if (library_->get_cursor(journal_, &cursor) < 0) return cursor_;
    const std::unique_ptr<char, decltype(&std::free)> owned(cursor, &std::free);
    return cursor;
  }

  void add_entry(ingest::RecordIntake& intake) {
    std::uint64_t microseconds = 0;
    library_->get_realtime(journal_, &microseconds);
    std::string message;
    std::string unit;
    std::string identifier;
    std::deque<std::string> values;
    std::vector<Field> fields;
    const void* data = nullptr;
    std::size_t size = 0;
    library_->restart_data(journal_);
    while (library_->enumerate_data(journal_, &data, &size) > 0) {
      const std::string_view entry(static_cast<const char*>(data), size);
      const std::size_t equals = entry.find('=');
      if (equals == std::string_view::npos) continue;
      const std::string_view name = entry.substr(0, equals);
      const std::string_view value = entry.substr(equals + 1);
      if (name == "MESSAGE") message = value;
      if (name == "_SYSTEMD_UNIT") unit = value;
      if (name == "SYSLOG_IDENTIFIER") identifier = value;
      if (name == "PRIORITY") fields.push_back({"detected_level", level_of_priority(value)});
      for (const FieldName& wanted : kFieldNames) {
        if (wanted.journal == name)
          fields.push_back({wanted.field, std::string_view(values.emplace_back(value))});
      }
    }
    std::string service = !unit.empty() ? without_suffix(unit, ".service") : identifier;
    if (service.empty()) service = "kernel";
    const auto stream =
        intake.stream({{"service_name", service}, {"unit", unit}, {"host", options_.host}});
    intake.add(stream, static_cast<TimestampNs>(microseconds) * 1000, message, fields);
  }

  const JournaldOptions options_;
  const std::string key_;
  const Sink sink_;
  const Limits& limits_;
  const Clock& clock_;
  std::unique_ptr<Library> library_;
  sd_journal* journal_ = nullptr;
  std::string cursor_;
};

Journald::Journald(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Journald::~Journald() = default;

Result<std::unique_ptr<Journald>> Journald::open(JournaldOptions options, Sink sink,
                                                 const Bookmarks& saved, const Limits& limits,
                                                 const Clock& clock) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(sink), saved, limits, clock);
  LIVEDATA_RETURN_IF_ERROR(impl->open());
  return std::unique_ptr<Journald>(
      new Journald(std::move(impl)));  // NOLINT: the constructor is private
}

Result<void> Journald::poll() { return impl_->poll(); }

}  // namespace livedata::collect
