#include "ingest/pipeline/time/zone.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace livedata::ingest::pipeline {
namespace {

constexpr std::size_t kMaxFileBytes = 1U << 20U;
constexpr std::size_t kHeaderBytes = 44;

std::int64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = (value << 8U) | static_cast<unsigned char>(byte);
  // Four bytes keep their sign.
  return bytes.size() == 4 ? static_cast<std::int32_t>(static_cast<std::uint32_t>(value))
                           : static_cast<std::int64_t>(value);
}

/// The counts of one of a file's one or two blocks, RFC 8536 section 3.1.
struct Counts {
  std::size_t is_ut = 0;
  std::size_t is_std = 0;
  std::size_t leap_seconds = 0;
  std::size_t times = 0;
  std::size_t types = 0;
  std::size_t characters = 0;

  [[nodiscard]] std::size_t block_bytes(std::size_t time_bytes) const {
    return times * (time_bytes + 1) + types * 6 + characters + leap_seconds * (time_bytes + 4) +
           is_std + is_ut;
  }
};

std::optional<Counts> read_header(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with("TZif")) return std::nullopt;
  const auto count = [bytes](std::size_t number) {
    return static_cast<std::size_t>(big_endian(bytes.substr(20 + number * 4, 4)));
  };
  const Counts counts{count(0), count(1), count(2), count(3), count(4), count(5)};
  for (const std::size_t n : {counts.is_ut, counts.is_std, counts.leap_seconds, counts.times,
                              counts.types, counts.characters}) {
    if (n > kMaxFileBytes) return std::nullopt;
  }
  return counts;
}

std::string database_folder() {
  const char* folder = std::getenv("TZDIR");  // NOLINT(concurrency-mt-unsafe): at start
  return folder == nullptr ? "/usr/share/zoneinfo" : folder;
}

/// "+02:00", "-0330", "+5"
std::optional<std::int64_t> parse_offset(std::string_view text) {
  if (text.size() < 2 || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  std::string digits;
  for (const char c : text.substr(1)) {
    if (c == ':' && digits.size() == 2) continue;
    if (c < '0' || c > '9') return std::nullopt;
    digits += c;
  }
  if (digits.size() == 3 || digits.size() > 4) return std::nullopt;
  const int number = std::atoi(digits.c_str());  // NOLINT: digits only
  const int hours = digits.size() <= 2 ? number : number / 100;
  const int minutes = digits.size() <= 2 ? 0 : number % 100;
  if (hours > 23 || minutes > 59) return std::nullopt;
  return (text.front() == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

bool is_zone_name(std::string_view name) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '+' || c == '/';
  };
  return !name.empty() && name.front() != '/' && name.size() < 100 &&
         std::all_of(name.begin(), name.end(), is_allowed);
}

}  // namespace

Result<TimeZone> TimeZone::load(std::string_view name) {
  TimeZone zone;
  if (name == "UTC" || name == "Z") return zone;
  if (const auto offset = parse_offset(name)) {
    zone.first_offset_ = *offset;
    return zone;
  }
  const std::string path =
      name == "Local" ? "/etc/localtime" : fmt::format("{}/{}", database_folder(), name);
  std::ifstream file;
  if (name == "Local" || is_zone_name(name)) file.open(path, std::ios::binary);
  if (name == "Local" && !file) return zone;  // a machine without the file is in UTC
  std::string bytes(kMaxFileBytes, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  auto parsed = parse(bytes);
  if (!parsed) {
    return fail(
        ErrorCode::kInvalidArgument,
        "'{}' is no time zone; expected UTC, Local, an offset such as +02:00, or a name such "
        "as Europe/Berlin (looked for in {})",
        name, path);
  }
  return parsed;
}

Result<TimeZone> TimeZone::parse(std::string_view bytes) {
  const auto damaged = [] { return fail(ErrorCode::kCorrupt, "no TZif file"); };
  auto counts = read_header(bytes);
  if (!counts) return damaged();
  std::size_t time_bytes = 4;
  const bool has_second_block = bytes[4] >= '2';
  if (has_second_block) {
    time_bytes = 8;
    bytes.remove_prefix(std::min(kHeaderBytes + counts->block_bytes(4), bytes.size()));
    counts = read_header(bytes);
    if (!counts) return damaged();
  }
  bytes.remove_prefix(kHeaderBytes);
  if (bytes.size() < counts->block_bytes(time_bytes) || counts->types == 0) return damaged();

  const std::string_view times = bytes.substr(0, counts->times * time_bytes);
  const std::string_view indexes = bytes.substr(times.size(), counts->times);
  const std::string_view types = bytes.substr(times.size() + indexes.size(), counts->types * 6);
  const auto offset_of = [types](std::size_t type) {
    return big_endian(types.substr(type * 6, 4));
  };
  TimeZone zone;
  zone.first_offset_ = offset_of(0);
  for (std::size_t i = 0; i < counts->times; ++i) {
    const auto type = static_cast<std::size_t>(static_cast<unsigned char>(indexes[i]));
    const std::int64_t at = big_endian(times.substr(i * time_bytes, time_bytes));
    if (type >= counts->types || (i > 0 && at <= zone.transitions_.back().at)) return damaged();
    zone.transitions_.push_back({at, offset_of(type)});
  }
  std::string_view footer = bytes.substr(counts->block_bytes(time_bytes));
  if (has_second_block && footer.starts_with('\n')) {
    footer = footer.substr(1, footer.find('\n', 1) - 1);
    zone.rule_ = ZoneRule::parse(footer);
  }
  return zone;
}

std::int64_t TimeZone::offset_at(std::int64_t utc_seconds) const {
  const auto next = std::upper_bound(
      transitions_.begin(), transitions_.end(), utc_seconds,
      [](std::int64_t time, const Transition& transition) { return time < transition.at; });
  if (next == transitions_.end() && rule_) return rule_->offset_at(utc_seconds);
  return next == transitions_.begin() ? first_offset_ : std::prev(next)->offset;
}

std::int64_t TimeZone::to_utc(std::int64_t local_seconds) const {
  if (transitions_.empty() && !rule_) return local_seconds - first_offset_;
  constexpr std::int64_t kDay = 86'400;
  const std::int64_t before = offset_at(local_seconds - kDay);
  if (offset_at(local_seconds - before) == before) return local_seconds - before;
  const std::int64_t after = offset_at(local_seconds + kDay);
  return local_seconds - (offset_at(local_seconds - after) == after ? after : before);
}

}  // namespace livedata::ingest::pipeline
