#pragma once

#include <string>

#include "ingest/fluent/msgpack.h"

namespace livedata::ingest::fluent {

/// Appends the reader's next value, with all that is in it, as JSON. Strings keep their bytes, as
/// they came; times become RFC 3339, other extensions hexadecimal digits. Precondition: the value
/// is whole, as MsgpackReader::skip() finds out.
void append_json(MsgpackReader& reader, std::string& out);

/// The bytes of a whole value as text, as a field has it: strings as they are, the rest as JSON.
std::string value_text(std::string_view value);
/// A key of a map as text; "object" for arrays and maps.
std::string key_text(std::string_view value);

}  // namespace livedata::ingest::fluent
