#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "ingest/record_intake.h"

namespace livedata::ingest::journal {

/// The fields of one journal entry on their way to a record, wherever the entry comes from: this
/// machine's journal, an upload or a journal file. The stream is service_name (the unit without
/// .service, else the syslog identifier, else "kernel"), unit and host; the line is MESSAGE; the
/// level is PRIORITY's. Keeps only what a record is made of, and may be used for one entry after
/// another. Not thread-safe.
class Entry {
 public:
  void add(std::string_view name, std::string_view value);
  /// A field that is too long to be kept.
  void add_too_long(std::string_view name, std::uint64_t size);
  /// Whether no field has been added, beside those that only address the entry (`__CURSOR`, ...).
  [[nodiscard]] bool empty() const { return empty_; }
  [[nodiscard]] std::string_view line() const {
    return message_.is_set ? std::string_view(message_.value) : std::string_view();
  }
  /// Forgets all fields.
  void clear();

  /// The record goes to `intake`, or is rejected there. Without a `host` it is what the entry says
  /// (_HOSTNAME). `time` in ns. `more` are further fields of the record.
  void hand_over(TimestampNs time, std::string_view host, RecordIntake& intake,
                 std::span<const Field> more = {}) const;

 private:
  static constexpr std::size_t kNumFields = 10;
  /// A value whose memory is used again.
  struct Slot {
    std::string value;
    bool is_set = false;
  };

  std::array<Slot, kNumFields> fields_;
  Slot message_;
  Slot unit_;
  Slot host_;
  std::string too_long_;  // why the record can't be taken
  std::string_view reason_;
  bool empty_ = true;
};

}  // namespace livedata::ingest::journal
