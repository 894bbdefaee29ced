#include "ingest/pipeline/time/zone_rule.h"

#include <chrono>

namespace livedata::ingest::pipeline {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::int64_t seconds_of(std::chrono::sys_days day) {
  return std::chrono::duration_cast<std::chrono::seconds>(day.time_since_epoch()).count();
}

}  // namespace

class ZoneRule::Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Letters, or anything in angle brackets.
  bool skip_name() {
    std::size_t size = 0;
    if (rest_.starts_with('<')) {
      size = rest_.find('>') + 1;  // 0 if there is none
    } else {
      while (size < rest_.size() && is_letter(rest_[size])) ++size;
    }
    rest_.remove_prefix(size);
    return size >= 3;
  }

  bool number(int& value) {
    if (rest_.empty() || !is_digit(rest_.front())) return false;
    value = 0;
    while (!rest_.empty() && is_digit(rest_.front()) && value < 10'000) {
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value < 10'000;
  }

  /// [+-]hh[:mm[:ss]] in seconds
  bool time(std::int64_t& seconds) {
    const bool negative = take('-');
    if (!negative) take('+');
    int hours = 0;
    int minutes = 0;
    int rest = 0;
    if (!number(hours) || (take(':') && !number(minutes)) || (take(':') && !number(rest)))
      return false;
    seconds = (negative ? -1 : 1) * (hours * 3600LL + minutes * 60LL + rest);
    return hours <= 167 && minutes < 60 && rest < 60;
  }

  bool change(Change& out) {
    if (take('M')) {
      out.kind = Change::Kind::kWeekday;
      if (!number(out.month) || !take('.') || !number(out.week) || !take('.') || !number(out.day))
        return false;
      if (out.month < 1 || out.month > 12 || out.week < 1 || out.week > 5 || out.day > 6)
        return false;
    } else {
      out.kind = take('J') ? Change::Kind::kJulian : Change::Kind::kDay;
      if (!number(out.day) || out.day > 365) return false;
    }
    return !take('/') || time(out.time);
  }

 private:
  std::string_view rest_;
};

std::optional<ZoneRule> ZoneRule::parse(std::string_view text) {
  Reader reader(text);
  ZoneRule rule;
  std::int64_t behind = 0;  // POSIX counts westwards
  if (!reader.skip_name() || !reader.time(behind)) return std::nullopt;
  rule.standard_ = -behind;
  if (reader.at_end()) return rule;
  if (!reader.skip_name()) return std::nullopt;
  rule.has_summer_ = true;
  rule.summer_ = rule.standard_ + 3600;
  if (!reader.take(',')) {
    if (!reader.time(behind) || !reader.take(',')) return std::nullopt;
    rule.summer_ = -behind;
  }
  const bool good = reader.change(rule.to_summer_) && reader.take(',') &&
                    reader.change(rule.to_standard_) && reader.at_end();
  return good ? std::optional(rule) : std::nullopt;
}

std::int64_t ZoneRule::Change::in_year(int year) const {
  namespace c = std::chrono;
  const c::year in(year);
  if (kind == Kind::kWeekday) {
    const c::weekday weekday(static_cast<unsigned>(day));
    const c::month of(static_cast<unsigned>(month));
    const c::sys_days found = week == 5
                                  ? c::sys_days(in / of / weekday[c::last])
                                  : c::sys_days(in / of / weekday[static_cast<unsigned>(week)]);
    return seconds_of(found) + time;
  }
  int days = day;
  if (kind == Kind::kJulian) days += in.is_leap() && day > 59 ? 0 : -1;
  return seconds_of(c::sys_days(in / c::January / 1) + c::days(days)) + time;
}

std::int64_t ZoneRule::offset_at(std::int64_t utc_seconds) const {
  if (!has_summer_) return standard_;
  const std::chrono::sys_seconds local{std::chrono::seconds(utc_seconds + standard_)};
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(local));
  const int year = static_cast<int>(date.year());
  const std::int64_t start = to_summer_.in_year(year) - standard_;
  const std::int64_t end = to_standard_.in_year(year) - summer_;
  const bool is_summer = start < end ? utc_seconds >= start && utc_seconds < end
                                     : utc_seconds >= start || utc_seconds < end;
  return is_summer ? summer_ : standard_;
}

}  // namespace livedata::ingest::pipeline
