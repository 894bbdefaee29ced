#include "collect/journal_library.h"

#include <dlfcn.h>

#include <cstdlib>
#include <system_error>

namespace livedata::collect {

template <class Function>
bool JournalLibrary::find(const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(handle_, name));  // NOLINT: how dlsym(3) is used
  return function != nullptr;
}

Result<std::unique_ptr<JournalLibrary>> JournalLibrary::load() {
  // NOLINTNEXTLINE: the constructor is private
  auto library = std::unique_ptr<JournalLibrary>(new JournalLibrary());
  library->handle_ = ::dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
  const bool all = library->handle_ != nullptr && library->find("sd_journal_open", library->open) &&
                   library->find("sd_journal_open_directory", library->open_directory) &&
                   library->find("sd_journal_open_files", library->open_files) &&
                   library->find("sd_journal_close", library->close) &&
                   library->find("sd_journal_seek_head", library->seek_head) &&
                   library->find("sd_journal_seek_realtime_usec", library->seek_realtime) &&
                   library->find("sd_journal_seek_cursor", library->seek_cursor) &&
                   library->find("sd_journal_test_cursor", library->test_cursor) &&
                   library->find("sd_journal_next", library->next) &&
                   library->find("sd_journal_get_cursor", library->get_cursor) &&
                   library->find("sd_journal_get_realtime_usec", library->get_realtime) &&
                   library->find("sd_journal_set_data_threshold", library->set_data_threshold) &&
                   library->find("sd_journal_restart_data", library->restart_data) &&
                   library->find("sd_journal_enumerate_data", library->enumerate_data) &&
                   library->find("sd_journal_process", library->process) &&
                   library->find("sd_journal_get_fd", library->get_fd);
  if (!all) return fail(ErrorCode::kUnavailable, "libsystemd is not installed");
  return library;
}

JournalLibrary::~JournalLibrary() {
  if (handle_ != nullptr) ::dlclose(handle_);
}

bool JournalLibrary::seek_behind(sd_journal* journal, const std::string& cursor) const {
  if (seek_cursor(journal, cursor.c_str()) < 0) return false;
  // The next entry is the one with the cursor itself, unless that one is gone.
  if (next(journal) > 0 && test_cursor(journal, cursor.c_str()) > 0) return true;
  return seek_cursor(journal, cursor.c_str()) >= 0;
}

std::string JournalLibrary::read_cursor(sd_journal* journal) const {
  char* cursor = nullptr;
  if (get_cursor(journal, &cursor) < 0) return {};
  const std::unique_ptr<char, decltype(&std::free)> owned(cursor, &std::free);
  return cursor;
}

TimestampNs JournalLibrary::read_entry(sd_journal* journal, ingest::journal::Entry& entry) const {
  std::uint64_t microseconds = 0;
  get_realtime(journal, &microseconds);
  entry.clear();
  const void* data = nullptr;
  std::size_t size = 0;
  restart_data(journal);
  while (enumerate_data(journal, &data, &size) > 0) {
    const std::string_view field(static_cast<const char*>(data), size);
    const std::size_t equals = field.find('=');
    if (equals != std::string_view::npos)
      entry.add(field.substr(0, equals), field.substr(equals + 1));
  }
  return static_cast<TimestampNs>(microseconds) * 1000;
}

tl::unexpected<Error> journal_error(std::string_view what, int negative_errno) {
  return fail(ErrorCode::kUnavailable, "{} the journal: {}", what,
              std::generic_category().message(-negative_errno));
}

}  // namespace livedata::collect
