#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ingest/journal/entry.h"
#include "ingest/journal/export_format.h"

namespace livedata::collect::remote {

/// What a session's standard error carries: what ssh and shells have to say, then, behind a line
/// "MARK journal", the entries of a journal in the export format. Not thread-safe.
class JournalStream {
 public:
  /// `cursor` is that of the entry that was taken last, which is asked for again and left out; "":
  /// all entries are new.
  JournalStream(std::string_view mark, std::string cursor, const Limits& limits);

  /// How entries become records.
  struct Target {
    ingest::RecordIntake& intake;
    std::string_view host;
    TimestampNs clock_ahead = 0;  ///< taken off the entries' times, and told as a field
  };
  /// Complete entries go to the target. kInvalidArgument where the journal can't be understood: the
  /// stream must be opened anew, from cursor() on.
  Result<void> feed(std::string_view bytes, const Target& target);

  /// Of the last entry that was taken.
  [[nodiscard]] const std::string& cursor() const { return cursor_; }
  [[nodiscard]] bool has_begun() const { return has_begun_; }
  [[nodiscard]] std::uint64_t entries() const { return entries_; }
  /// The entry to go on from is not there any more, so that others may be missing.
  [[nodiscard]] bool lost_its_place() const { return lost_its_place_; }
  /// What stood before the journal, and behind its last entry: the last few KiB.
  [[nodiscard]] std::string said() const;

 private:
  void take_field();
  void end_entry(const Target& target);
  void keep_said(std::string_view bytes);

  const std::string begin_mark_;
  const std::string resume_;
  bool has_begun_ = false;
  bool is_first_ = true;
  bool lost_its_place_ = false;
  std::string said_;
  std::string last_piece_;
  ingest::journal::ExportParser parser_;
  ingest::journal::Entry entry_;
  std::string entry_cursor_;
  std::optional<TimestampNs> time_;
  std::string cursor_;
  std::uint64_t entries_ = 0;
};

/// Whether this is a cursor as journald makes them, which may stand in a command.
bool is_cursor(std::string_view text);
/// Whether two cursors are of one entry. They may differ in the file that it was found in.
bool is_same_entry(std::string_view a, std::string_view b);

}  // namespace livedata::collect::remote
