#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "ingest/decoded.h"

namespace livedata::ingest::native {

enum class Format { kJson, kNdjson, kText };

/// By content type if it says one of ours, else by the first bytes of the body. kInvalidArgument
/// for a content type that is neither.
Result<Format> detect_format(std::string_view content_type, std::string_view body);

/// Decodes a JSON object, a JSON array of objects, NDJSON or plain text lines into records.
/// `labels` are added to every record's stream. Recognised members: timestamp | time | ts, level,
/// service, message | msg, labels (object); the others become fields. A malformed line of NDJSON is
/// rejected alone.
Result<Decoded> decode(std::string_view body, Format format, const Labels& labels,
                       const DecodeContext& context);

}  // namespace livedata::ingest::native
