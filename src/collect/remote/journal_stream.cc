#include "collect/remote/journal_stream.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "collect/remote/clock_skew.h"

namespace livedata::collect::remote {
namespace {

constexpr std::size_t kMaxSaid = 4096;
constexpr std::size_t kMaxCursor = 512;
constexpr TimestampNs kNsPerMicrosecond = 1000;

std::optional<TimestampNs> parse_microseconds(std::string_view text) {
  std::uint64_t microseconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), microseconds);
  constexpr std::uint64_t kMost = INT64_MAX / kNsPerMicrosecond;
  if (error != std::errc() || end != text.data() + text.size() || microseconds > kMost)
    return std::nullopt;
  return static_cast<TimestampNs>(microseconds) * kNsPerMicrosecond;
}

/// The part "x=..." of a cursor.
std::string_view part_of(std::string_view cursor, char key) {
  while (!cursor.empty()) {
    const std::string_view part = cursor.substr(0, cursor.find(';'));
    if (part.size() > 2 && part[0] == key && part[1] == '=') return part;
    cursor.remove_prefix(std::min(part.size() + 1, cursor.size()));
  }
  return {};
}

}  // namespace

bool is_cursor(std::string_view text) {
  return !text.empty() && text.size() <= kMaxCursor &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '=' || c == ';' || c == '-' || c == '_';
         });
}

bool is_same_entry(std::string_view a, std::string_view b) {
  if (a == b) return true;
  // Boot, time since it, wall time, and a hash of the contents (sd_journal_get_cursor(3)).
  constexpr std::array<char, 4> kOfEntry = {'b', 'm', 't', 'x'};
  return std::all_of(kOfEntry.begin(), kOfEntry.end(), [&](char key) {
    const std::string_view part = part_of(a, key);
    return !part.empty() && part == part_of(b, key);
  });
}

JournalStream::JournalStream(std::string_view mark, std::string cursor, const Limits& limits)
    : begin_mark_(fmt::format("\n{} journal\n", mark)),
      resume_(std::move(cursor)),
      parser_(std::max(limits.max_line_bytes, limits.max_fields_bytes)),
      cursor_(resume_) {}

void JournalStream::keep_said(std::string_view bytes) {
  said_.append(bytes);
  if (said_.size() > 2 * kMaxSaid) said_.erase(0, said_.size() - kMaxSaid);
}

std::string JournalStream::said() const { return has_begun_ ? said_ + last_piece_ : said_; }

Result<void> JournalStream::feed(std::string_view bytes, const Target& target) {
  if (!has_begun_) {
    keep_said(bytes);
    const std::size_t found = said_.find(begin_mark_);
    if (found == std::string::npos) return {};
    has_begun_ = true;
    const std::string behind = said_.substr(found + begin_mark_.size());
    said_.resize(found);
    return feed(behind, target);
  }
  constexpr std::size_t kTail = 512;
  last_piece_ = bytes.substr(bytes.size() - std::min(bytes.size(), kTail));
  parser_.feed(bytes);
  for (;;) {
    LIVEDATA_TRY(const auto event, parser_.next());
    if (event == ingest::journal::ExportParser::Event::kNeedMore) return {};
    if (event == ingest::journal::ExportParser::Event::kField) {
      take_field();
    } else {
      end_entry(target);
      if (parser_.is_between_fields()) last_piece_.clear();
    }
  }
}

void JournalStream::take_field() {
  const ingest::journal::ExportField& field = parser_.field();
  if (field.too_long) {
    entry_.add_too_long(field.name, field.size);
  } else if (field.name == "__CURSOR") {
    entry_cursor_ = is_cursor(field.value) ? field.value : std::string_view();
  } else if (field.name == "__REALTIME_TIMESTAMP") {
    time_ = parse_microseconds(field.value);
  } else {
    entry_.add(field.name, field.value);
  }
}

void JournalStream::end_entry(const Target& target) {
  const bool is_the_last_one =
      is_first_ && !resume_.empty() && is_same_entry(resume_, entry_cursor_);
  // Empty lines are no entries.
  const bool is_entry = !entry_.empty() || !entry_cursor_.empty();
  if (is_entry && is_first_ && !resume_.empty()) lost_its_place_ = !is_the_last_one;
  if (is_entry) is_first_ = false;
  if (is_entry && !is_the_last_one && !entry_.empty()) {
    // A clock beyond the range of times is no clock.
    const TimestampNs there = time_.value_or(target.intake.now() + target.clock_ahead);
    TimestampNs time = 0;
    if (__builtin_sub_overflow(there, target.clock_ahead, &time)) time = target.intake.now();
    if (target.clock_ahead == 0) {
      entry_.hand_over(time, target.host, target.intake);
    } else {
      const std::array<Field, 1> more = {
          Field{"clock_ahead_seconds", whole_milliseconds(target.clock_ahead)}};
      entry_.hand_over(time, target.host, target.intake, more);
    }
    ++entries_;
  }
  if (is_entry && !entry_cursor_.empty()) cursor_ = entry_cursor_;
  entry_.clear();
  entry_cursor_.clear();
  time_.reset();
}

}  // namespace livedata::collect::remote
