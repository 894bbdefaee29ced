#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/record_batch.h"

namespace livedata::storage::columns {

/// A whole record batch as bytes, as it stands in a WAL entry:
///
///   version:u8=1  streams:varint (labels)*  rows:varint  timestamps ordinals lines
///   fields:varint (name:string type:u8 column)*
///
/// Strings are not compressed: the bytes live until the next flush, and writing them must be cheap.
std::string encode_batch(const RecordBatch& batch);
/// Appends it to `bytes`.
void encode_batch(const RecordBatch& batch, std::string& bytes);

/// kCorrupt for damage, kUnsupported for a newer version.
Result<RecordBatch> decode_batch(std::string_view bytes);

}  // namespace livedata::storage::columns
