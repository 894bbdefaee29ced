#include "ingest/journal/export_format.h"

#include <algorithm>

namespace livedata::ingest::journal {
namespace {

// journald's own bounds: names of up to 64 characters, values of up to 768 MiB (DATA_SIZE_MAX).
constexpr std::size_t kMaxNameBytes = 64;
constexpr std::uint64_t kMaxSentBytes = std::uint64_t{768} << 20U;
constexpr std::size_t kLengthBytes = 8;

std::uint64_t read_little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i)
    value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return value;
}

}  // namespace

void ExportParser::feed(std::string_view bytes) {
  buffer_.erase(0, begin_);
  begin_ = 0;
  buffer_.append(bytes);
}

Result<ExportParser::Event> ExportParser::next() {
  switch (state_) {
    case State::kLine:
      return read_line();
    case State::kSkipText:
      return skip_text();
    case State::kSkipBinary:
      return skip_binary();
  }
  return fail(ErrorCode::kInternal, "unknown state");
}

Result<ExportParser::Event> ExportParser::read_line() {
  const std::string_view text = rest();
  const std::size_t line_end = text.find('\n', scanned_);
  if (line_end == 0) {
    ++begin_;
    scanned_ = 0;
    return Event::kEndOfEntry;
  }
  const std::string_view line = text.substr(0, line_end);
  const std::size_t equals = line.substr(0, kMaxNameBytes + 1).find('=');
  if (equals != std::string_view::npos) {
    if (line_end != std::string_view::npos) return read_text(equals, line_end);
    scanned_ = text.size();
    if (text.size() - equals - 1 <= max_value_bytes_) return Event::kNeedMore;
    skipped_name_ = line.substr(0, equals);
    skipped_size_ = 0;
    begin_ += equals + 1;
    state_ = State::kSkipText;
    return skip_text();
  }
  if (line.size() > kMaxNameBytes) {
    return fail(ErrorCode::kInvalidArgument,
                "this is not the journal export format: there is no field name in '{}...'",
                line.substr(0, kMaxNameBytes));
  }
  if (line_end != std::string_view::npos) return read_binary(line_end);
  scanned_ = text.size();
  return Event::kNeedMore;
}

ExportParser::Event ExportParser::read_text(std::size_t name_size, std::size_t line_end) {
  const std::string_view line = rest().substr(0, line_end);
  field_ = {line.substr(0, name_size), line.substr(name_size + 1), line_end - name_size - 1, false};
  if (field_.size > max_value_bytes_) {
    field_.value = {};
    field_.too_long = true;
  }
  begin_ += line_end + 1;
  scanned_ = 0;
  return Event::kField;
}

Result<ExportParser::Event> ExportParser::read_binary(std::size_t name_size) {
  const std::string_view text = rest();
  const std::size_t value_begin = name_size + 1 + kLengthBytes;
  scanned_ = name_size;  // the line end is found again at once
  if (text.size() < value_begin) return Event::kNeedMore;
  const std::string_view name = text.substr(0, name_size);
  const std::uint64_t size = read_little_endian(text.substr(name_size + 1));
  if (size > kMaxSentBytes) {
    return fail(ErrorCode::kInvalidArgument,
                "this is not the journal export format: field '{}' claims to have {} bytes", name,
                size);
  }
  if (size > max_value_bytes_) {
    skipped_name_ = name;
    skipped_size_ = size;
    to_skip_ = size;
    begin_ += value_begin;
    state_ = State::kSkipBinary;
    return skip_binary();
  }
  if (text.size() <= value_begin + size) return Event::kNeedMore;
  if (text[value_begin + size] != '\n') {
    return fail(ErrorCode::kInvalidArgument,
                "this is not the journal export format: no line end behind the {} bytes of '{}'",
                size, name);
  }
  field_ = {name, text.substr(value_begin, size), size, false};
  begin_ += value_begin + size + 1;
  scanned_ = 0;
  return Event::kField;
}

ExportParser::Event ExportParser::give_too_long() {
  ++begin_;  // the line end
  scanned_ = 0;
  state_ = State::kLine;
  field_ = {skipped_name_, {}, skipped_size_, true};
  return Event::kField;
}

ExportParser::Event ExportParser::skip_text() {
  const std::string_view text = rest();
  const std::size_t line_end = std::min(text.find('\n'), text.size());
  skipped_size_ += line_end;
  begin_ += line_end;
  return line_end == text.size() ? Event::kNeedMore : give_too_long();
}

Result<ExportParser::Event> ExportParser::skip_binary() {
  const std::size_t step =
      static_cast<std::size_t>(std::min<std::uint64_t>(to_skip_, buffer_.size() - begin_));
  begin_ += step;
  to_skip_ -= step;
  if (begin_ == buffer_.size()) return Event::kNeedMore;
  if (buffer_[begin_] != '\n') {
    return fail(ErrorCode::kInvalidArgument,
                "this is not the journal export format: no line end behind the {} bytes of '{}'",
                skipped_size_, skipped_name_);
  }
  return give_too_long();
}

}  // namespace livedata::ingest::journal
