#pragma once

#include <functional>
#include <string>
#include <vector>

#include "storage/segment/segment_reader.h"

namespace livedata::storage {

/// What checking one segment found. Each entry of the lists is a sentence.
struct SegmentCheck {
  std::vector<std::string> damaged_blocks = {};  ///< whose records are lost
  std::vector<std::string> damaged_index = {};   ///< filters, counts, directory: can be made anew
  std::uint64_t rows = 0;                        ///< that could be read
  std::uint64_t lost_rows = 0;                   ///< of damaged blocks
  std::size_t blocks = 0;
};

/// Called after each block with the raw bytes of its lines; an error ends the check.
using CheckPace = std::function<Result<void>(std::size_t raw_bytes)>;

/// Reads all of it. An error: the segment's metadata can't be read at all, or `pace` gave it.
Result<SegmentCheck> check_segment(const segment::SegmentReader& reader,
                                   const CheckPace& pace = {});

}  // namespace livedata::storage
