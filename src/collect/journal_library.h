#pragma once

#include <memory>
#include <string>

#include <systemd/sd-journal.h>

#include "base/clock.h"
#include "base/result.h"
#include "ingest/journal/entry.h"

namespace livedata::collect {

/// libsystemd's functions for reading journals, found at run time, so that livedata runs without
/// it.
class JournalLibrary {
 public:
  /// kUnavailable where libsystemd is not installed.
  static Result<std::unique_ptr<JournalLibrary>> load();
  ~JournalLibrary();
  JournalLibrary(const JournalLibrary&) = delete;
  JournalLibrary& operator=(const JournalLibrary&) = delete;

  decltype(&::sd_journal_open) open = nullptr;
  decltype(&::sd_journal_open_directory) open_directory = nullptr;
  decltype(&::sd_journal_open_files) open_files = nullptr;
  decltype(&::sd_journal_close) close = nullptr;
  decltype(&::sd_journal_seek_head) seek_head = nullptr;
  decltype(&::sd_journal_seek_realtime_usec) seek_realtime = nullptr;
  decltype(&::sd_journal_seek_cursor) seek_cursor = nullptr;
  decltype(&::sd_journal_test_cursor) test_cursor = nullptr;
  decltype(&::sd_journal_next) next = nullptr;
  decltype(&::sd_journal_get_cursor) get_cursor = nullptr;
  decltype(&::sd_journal_get_realtime_usec) get_realtime = nullptr;
  decltype(&::sd_journal_set_data_threshold) set_data_threshold = nullptr;
  decltype(&::sd_journal_restart_data) restart_data = nullptr;
  decltype(&::sd_journal_enumerate_data) enumerate_data = nullptr;
  decltype(&::sd_journal_process) process = nullptr;
  decltype(&::sd_journal_get_fd) get_fd = nullptr;

  /// Goes behind the entry with the cursor, or to where it was if it is gone. False: the cursor is
  /// none of this journal.
  bool seek_behind(sd_journal* journal, const std::string& cursor) const;
  /// Cursor of the entry that was read last; "" if there is none.
  std::string read_cursor(sd_journal* journal) const;
  /// The current entry's fields, after clearing `entry`; returns its time.
  TimestampNs read_entry(sd_journal* journal, ingest::journal::Entry& entry) const;

 private:
  JournalLibrary() = default;

  template <class Function>
  bool find(const char* name, Function& function);

  void* handle_ = nullptr;
};

/// What a function of libsystemd answered, as an error.
tl::unexpected<Error> journal_error(std::string_view what, int negative_errno);

}  // namespace livedata::collect
