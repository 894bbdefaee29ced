#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::ingest::journal {

/// One field of an entry; valid until the parser's next call.
struct ExportField {
  std::string_view name;
  std::string_view value;  ///< any bytes; empty if it was too long
  std::uint64_t size = 0;  ///< of the value as it was sent, in bytes
  bool too_long = false;   ///< the value was longer than the parser keeps, and is left out
};

/// Reads systemd's journal export format (https://systemd.io/JOURNAL_EXPORT_FORMATS/) from a stream
/// that comes in pieces: text fields `NAME=value\n`, binary fields `NAME\n`, 64 bits of little
/// endian length, value, `\n`; an empty line ends an entry. Holds at most one field of
/// `max_value_bytes` and the piece that was fed last; longer values are passed over. Not
/// thread-safe.
class ExportParser {
 public:
  explicit ExportParser(std::size_t max_value_bytes) : max_value_bytes_(max_value_bytes) {}

  /// Adds bytes behind those that were fed before. Ends the life of field().
  void feed(std::string_view bytes);

  enum class Event { kField, kEndOfEntry, kNeedMore };
  /// kInvalidArgument: this is not the export format, and nothing behind this place can be read.
  Result<Event> next();
  /// What kField stands for.
  [[nodiscard]] const ExportField& field() const { return field_; }
  /// Whether all that was fed has been read, and it ended behind a field or an entry.
  [[nodiscard]] bool is_between_fields() const {
    return state_ == State::kLine && begin_ == buffer_.size();
  }

 private:
  enum class State { kLine, kSkipText, kSkipBinary };

  Result<Event> read_line();
  Result<Event> read_binary(std::size_t name_size);
  Event read_text(std::size_t name_size, std::size_t line_end);
  Event skip_text();
  Result<Event> skip_binary();
  Event give_too_long();
  [[nodiscard]] std::string_view rest() const { return std::string_view(buffer_).substr(begin_); }

  const std::size_t max_value_bytes_;
  std::string buffer_;
  std::size_t begin_ = 0;    // of what is not read yet
  std::size_t scanned_ = 0;  // bytes behind begin_ that hold no line end
  State state_ = State::kLine;
  std::string skipped_name_;
  std::uint64_t skipped_size_ = 0;
  std::uint64_t to_skip_ = 0;
  ExportField field_;
};

}  // namespace livedata::ingest::journal
