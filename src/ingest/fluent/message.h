#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "ingest/fluent/whole_seconds.h"
#include "ingest/record_intake.h"

namespace livedata::ingest::fluent {

/// What may still be read of a message, whatever it expands to.
struct ExpansionBudget {
  std::size_t bytes = 0;  ///< of decompressed entries
  std::size_t records = 0;
  std::size_t ratio = 0;  ///< of decompressed entries to what they were; 0: no bound
};

/// Reads one message of the forward protocol v1
/// (https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1) in any of its modes:
/// Message, Forward, PackedForward, CompressedPackedForward. Events that are wrong are rejected at
/// the intake, and count as received. Returns the acknowledgement that the sender asked for, "" if
/// it asked for none. kInvalidArgument: this is no message, and nothing was taken from it.
///
/// Precondition: `message` is one whole value of MessagePack.
Result<std::string> read_message(std::string_view message, WholeSeconds& seconds,
                                 ExpansionBudget& budget, RecordIntake& intake);

}  // namespace livedata::ingest::fluent
