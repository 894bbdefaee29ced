#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace livedata::archive {

/// S3's bound of a key.
constexpr std::size_t kMaxKeyBytes = 1024;
/// What a file name may have; a part of a key is one in a FolderStore.
constexpr std::size_t kMaxKeyPartBytes = 200;

/// kInvalidArgument unless the key is parts of [A-Za-z0-9._=-] with `/` between them, none of which
/// is empty or begins with a dot. So a key can't leave the folder it is used in, needs no escape in
/// an address, and never meets the files that stores keep for themselves.
Result<void> check_key(std::string_view key);
/// The same of the first bytes of keys: the last part may be cut off anywhere; "" is every key.
Result<void> check_prefix(std::string_view prefix);
/// One part of a key, by itself.
bool is_key_part(std::string_view part);

}  // namespace livedata::archive
