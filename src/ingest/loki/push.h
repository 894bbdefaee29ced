#pragma once

#include <string_view>

#include "base/result.h"
#include "ingest/decoded.h"

namespace livedata::ingest::loki {

/// Decodes Loki's JSON push body. A malformed body is kInvalidArgument as a whole; single records
/// over a limit are listed as rejected and the rest is taken, as Loki does.
Result<Decoded> decode_json(std::string_view body, const DecodeContext& context);

/// Decodes Loki's protobuf PushRequest (already without snappy). Rules as for decode_json().
Result<Decoded> decode_protobuf(std::string_view body, const DecodeContext& context);

}  // namespace livedata::ingest::loki
