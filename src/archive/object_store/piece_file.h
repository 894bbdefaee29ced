#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::archive {

/// What is cached at a time: this many bytes of an object, from a multiple of them on.
constexpr std::size_t kPieceBytes = std::size_t{1} << 20U;

/// A piece of an object as a file of the cache:
///
///   magic "LDP1" | CRC-32C of the rest, u32 | bytes of the key, u32 | piece's number, u64 | key |
///   bytes
///
/// Numbers are little endian. Files are not synced: one that a crash has torn does not match its
/// checksum, and is dropped like one that was damaged later.
std::string encode_piece(std::string_view key, std::uint64_t number, std::string_view bytes);

/// The bytes of the piece, a view of the file's content. kCorrupt where it is damaged or another
/// piece.
Result<std::string_view> decode_piece(std::string_view content, std::string_view key,
                                      std::uint64_t number);

/// The file's name: hash of the key, and number, both hexadecimal.
std::string piece_name(std::string_view key, std::uint64_t number);
/// What all names of an object's pieces begin with.
std::string piece_name_prefix(std::string_view key);
bool is_piece_name(std::string_view name);

}  // namespace livedata::archive
