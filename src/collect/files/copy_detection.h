#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "collect/files/byte_source.h"
#include "collect/files/content_mark.h"
#include "collect/files/seen_file.h"

namespace livedata::collect {

enum class Likeness : std::uint8_t {
  kOther,
  kSame,     ///< what was read is there
  kShorter,  ///< a part of what was read is there, and nothing else
  kUnknown,  ///< too little is there to tell
};

/// Opens the file under its first name. kNotFound: the name leads elsewhere by now; kUnsupported:
/// it is compressed in a way that can't be read; kUnavailable: too little of it is there.
Result<std::unique_ptr<ByteSource>> open_source(const SeenFile& file);

/// Whether a file holds what was read of a content up to the mark. Of a compressed file only its
/// first bytes are held against the mark's.
Likeness compare(ByteSource& candidate, const ContentMark& mark);

/// Whether a file is the copy, or the beginning of one, of another that is still there. Looks at
/// the first and the last bytes.
Likeness compare(ByteSource& candidate, ByteSource& original);

/// Whether a file may be the copy of another one, by when they came to be.
bool may_be_copy(const FileId& candidate, const FileId& original);

}  // namespace livedata::collect
