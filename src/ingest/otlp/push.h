#pragma once

#include <string_view>

#include "base/result.h"
#include "ingest/decoded.h"

namespace livedata::ingest::otlp {

/// Decodes an ExportLogsServiceRequest of OTLP 1.x. A body that is no such message is
/// kInvalidArgument as a whole, one whose records take more than max_expanded_body_bytes is
/// kTooLarge; single records that are wrong or over a limit are listed as rejected.
///
/// Resource attributes of Loki's list become labels; the other attributes and properties become
/// fields with names as Loki's, numbers and booleans keep their type. See record_mapper.h.
Result<Decoded> decode_protobuf(std::string_view body, const DecodeContext& context);

/// The same for OTLP/JSON. Names may be camelCase or snake_case, 64-bit integers strings or
/// numbers, enumerators numbers or names; ids are hexadecimal.
Result<Decoded> decode_json(std::string_view body, const DecodeContext& context);

}  // namespace livedata::ingest::otlp
