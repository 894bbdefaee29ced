#pragma once

#include <string_view>
#include <vector>

#include "model/record_batch.h"

namespace livedata::storage {

/// Keeps those rows whose line contains the needle, or is empty. The column is searched as one byte
/// string and hits are mapped back to rows, which is several times faster than searching line by
/// line.
void keep_rows_with(std::string_view needle, const StringColumn& lines,
                    std::vector<RowIndex>& rows);

}  // namespace livedata::storage
