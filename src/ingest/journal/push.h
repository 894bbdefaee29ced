#pragma once

#include <optional>
#include <string_view>

#include "ingest/journal/entry.h"
#include "ingest/journal/export_format.h"

namespace livedata::ingest::journal {

/// What systemd-journal-upload sends: entries in the export format, in one body that may have no
/// end. Not thread-safe.
class UploadDecoder {
 public:
  explicit UploadDecoder(const Limits& limits);

  /// Reads a piece of the body; entries that are complete go to `intake`, which may be another one
  /// for each piece. kInvalidArgument where the format ends: the entries before that place are in
  /// the intake, and the decoder is of no further use.
  Result<void> consume(std::string_view piece, RecordIntake& intake);
  /// The body is complete. Its last entry counts without the empty line too, but not when it was
  /// cut within a field.
  Result<void> finish(RecordIntake& intake);

 private:
  void take_field();
  void end_entry(RecordIntake& intake);

  ExportParser parser_;
  Entry entry_;
  std::optional<TimestampNs> time_;
  bool time_is_wrong_ = false;
};

/// A body that has come as a whole. Entries without a time are of now.
Result<Decoded> decode(std::string_view body, const DecodeContext& context);

}  // namespace livedata::ingest::journal
