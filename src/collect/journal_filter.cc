#include "collect/journal_filter.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>

#include "ingest/syslog/format/priority.h"

namespace livedata::collect {
namespace {

std::vector<std::string> patterns_of(std::string_view text) {
  constexpr std::string_view kSeparators = ", \t\n";
  std::vector<std::string> patterns;
  for (;;) {
    const std::size_t begin = text.find_first_not_of(kSeparators);
    if (begin == std::string_view::npos) return patterns;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(kSeparators), text.size());
    patterns.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

Result<int> parse_priority(std::string_view text) {
  if (text.size() == 1 && text[0] >= '0' && text[0] <= '7') return text[0] - '0';
  const auto& names = ingest::syslog::kSeverityNames;
  const auto* const found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) {
    return fail(ErrorCode::kInvalidArgument,
                "'{}' is no priority; expected one of emerg, alert, crit, err, warning, notice, "
                "info, debug, or 0 to 7",
                text);
  }
  return static_cast<int>(found - names.begin());
}

bool matches_any(const std::vector<std::string>& patterns, const std::string& unit,
                 const std::string& service) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), unit.c_str(), 0) == 0 ||
           ::fnmatch(pattern.c_str(), service.c_str(), 0) == 0;
  });
}

}  // namespace

Result<JournalFilter> JournalFilter::parse(std::string_view units, std::string_view excluded,
                                           std::string_view priority) {
  JournalFilter filter;
  filter.units_ = patterns_of(units);
  filter.excluded_ = patterns_of(excluded);
  LIVEDATA_TRY(filter.max_priority_, parse_priority(priority));
  return filter;
}

bool JournalFilter::wants(const ingest::journal::Entry& entry) const {
  const std::string_view priority = entry.priority();
  // An entry that says nothing of its severity may be a grave one.
  if (priority.size() == 1 && priority[0] - '0' > max_priority_) return false;
  if (units_.empty() && excluded_.empty()) return true;
  const std::string unit(entry.unit());
  const std::string service(entry.service());
  if (matches_any(excluded_, unit, service)) return false;
  return units_.empty() || matches_any(units_, unit, service);
}

}  // namespace livedata::collect
