#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "ingest/decoded.h"

namespace livedata::ingest::hec {

/// Where records come from: labels of their streams. "" means unknown; a host that nobody tells
/// stays unknown, the others have Splunk's defaults.
struct Metadata {
  std::string_view index;
  std::string_view sourcetype;
  std::string_view source;
  std::string_view host;
};

/// What is wrong with a request, by the codes of Splunk's answers.
enum class Fault {
  kNoData = 5,
  kInvalidFormat = 6,
  kIncorrectIndex = 7,
  kEventRequired = 12,
  kEventBlank = 13,
  kIndexedFields = 15,
};

struct Refusal {
  Fault fault = Fault::kInvalidFormat;
  std::optional<std::size_t> event_number;  ///< counted from 0 within the request
};

struct Events {
  Decoded decoded;
  std::optional<Refusal> refused;  ///< the first one: answers have room for one
};

/// Decodes events: JSON objects one behind the other, with or without space between them, and
/// arrays of them. The line is "event", as JSON text unless it is a string; "fields" and unknown
/// members are fields; a service that "fields" name is the stream's. A wrong event is refused
/// alone; only text that is no JSON at all takes what is behind it along. `defaults` are for events
/// that do not say it themselves.
Events decode_events(std::string_view body, const Metadata& defaults, const DecodeContext& context);

/// Decodes text: each line that is not blank is a record.
Events decode_raw(std::string_view body, const Metadata& metadata, const DecodeContext& context);

}  // namespace livedata::ingest::hec
