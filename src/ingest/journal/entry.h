#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/record_intake.h"

namespace livedata::ingest::journal {

/// The fields of one journal entry on their way to a record, wherever the entry comes from: this
/// machine's journal, an upload or a journal file. The stream is service_name (the unit without
/// .service, else the syslog identifier, else "kernel"), unit and host; the line is MESSAGE; the
/// level is PRIORITY's. All others are fields, in small letters and without `_` in front: `_PID` is
/// `pid`. Where two would have one name, or an entry has a field again, the second is NAME_2. What
/// does not fit the limits of a record is left out, and fields_left_out tells how many those were.
/// May be used for one entry after another. Not thread-safe.
class Entry {
 public:
  void add(std::string_view name, std::string_view value);
  /// A field that is too long to be kept.
  void add_too_long(std::string_view name, std::uint64_t size);
  /// Whether no field has been added, beside those that only address the entry (`__CURSOR`, ...).
  [[nodiscard]] bool empty() const { return empty_; }
  [[nodiscard]] std::string_view line() const { return message_.view(); }
  /// "" where it was not there.
  [[nodiscard]] std::string_view unit() const { return unit_.view(); }
  /// What the label service_name will be.
  [[nodiscard]] std::string_view service() const;
  [[nodiscard]] std::string_view priority() const { return priority_.view(); }
  /// Forgets all fields.
  void clear();

  /// The record goes to `intake`, or is rejected there. Without a `host` it is what the entry says
  /// (_HOSTNAME). `time` in ns. `more` are further fields of the record.
  void hand_over(TimestampNs time, std::string_view host, RecordIntake& intake,
                 std::span<const Field> more = {}) const;

 private:
  /// A text whose memory is used again.
  struct Slot {
    std::string text;
    bool is_set = false;

    void set(std::string_view value) {
      text = value;
      is_set = true;
    }
    [[nodiscard]] std::string_view view() const {
      return is_set ? std::string_view(text) : std::string_view();
    }
  };
  struct NamedValue {
    std::string name;
    std::string value;
  };

  /// The name of a record's field for the journal's one.
  void append_field_name(std::string_view name, std::string& out) const;
  [[nodiscard]] bool has_field(std::string_view name) const;

  std::vector<NamedValue> fields_;  // the first num_fields_; the others are memory
  std::size_t num_fields_ = 0;
  std::size_t num_left_out_ = 0;
  std::size_t bytes_ = 0;  // of fields_
  Slot message_;
  Slot unit_;
  Slot host_;
  Slot identifier_;
  Slot priority_;
  std::string too_long_;  // why the record can't be taken
  std::string_view reason_;
  bool empty_ = true;
};

}  // namespace livedata::ingest::journal
