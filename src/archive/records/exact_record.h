#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/record_batch.h"

namespace livedata::archive {

/// Which rows the columns of a file do not give back as they are, one flag per row. Those whose
/// line, or the name or value of a label or field, is no UTF-8, and those with a double of -0,
/// which a dictionary of doubles takes for 0. The column `exact` has such a record, and the other
/// columns what can be shown of it.
std::vector<bool> find_inexact(const RecordBatch& batch);

/// A record without its time. Views are into the bytes it was decoded from.
struct ExactRecord {
  std::string_view line;
  std::vector<Label> labels;
  std::vector<Field> fields;
};

/// As bytes:
///   version:u8=1 line:string labels:varint (name:string value:string)*
///   fields:varint (name:string type:u8 value)*   value: string, signed varint, u64 or u8
std::string encode_exact(const RecordBatch& batch, RowIndex row);
/// kCorrupt for damage.
Result<ExactRecord> decode_exact(std::string_view bytes);

}  // namespace livedata::archive
