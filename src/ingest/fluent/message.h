#pragma once

#include <string>
#include <string_view>

#include "ingest/record_intake.h"

namespace livedata::ingest::fluent {

/// What may still be read of the bytes that came at one time, whatever they expand to.
struct ExpansionBudget {
  std::size_t bytes = 0;  ///< of decompressed entries
  std::size_t records = 0;
  std::size_t ratio = 0;  ///< of decompressed entries to what they were; 0: no bound
};

/// Reads one message of the forward protocol v1
/// (https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1) in any of its modes:
/// Message, Forward, PackedForward, CompressedPackedForward. What is wrong in it is rejected at the
/// intake, and counts as received. Returns the acknowledgement that the sender asked for, "" if it
/// asked for none.
///
/// Precondition: `message` is one whole value of MessagePack.
std::string read_message(std::string_view message, ExpansionBudget& budget, RecordIntake& intake);

}  // namespace livedata::ingest::fluent
