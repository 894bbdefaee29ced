#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ingest/content.h"

/// How gRPC writes things over HTTP/2 (the document "gRPC over HTTP2", PROTOCOL-HTTP2.md).
namespace livedata::server::grpc {

/// What stands in front of every message: whether it is compressed, and its length.
constexpr std::size_t kMessagePrefix = 5;

/// A message with its prefix, not compressed.
std::string frame_message(std::string_view message);

/// The only message in a request's body, decompressed by `encoding` if it says that it is.
/// kTooLarge before more than max_bytes are allocated, or what max_ratio allows, see decompress();
/// kInvalidArgument for anything else.
Result<std::string> read_only_message(std::string_view body, ingest::Encoding encoding,
                                      std::size_t max_bytes, std::size_t max_ratio = 0);

/// The value of grpc-timeout, such as 100m for 100 ms; nothing for what is none.
std::optional<std::chrono::nanoseconds> parse_timeout(std::string_view text);

/// Text as grpc-message has it: printable ASCII but '%' as it is, other bytes as %XX.
std::string encode_status_text(std::string_view text);

/// Bytes as headers that end in -bin have them: base64 without padding.
std::string encode_binary_header(std::string_view bytes);

}  // namespace livedata::server::grpc
