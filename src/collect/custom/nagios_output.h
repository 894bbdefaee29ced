#pragma once

#include "collect/custom/readings.h"

namespace livedata::collect::custom {

/// Whether an exit code is that of a plugin's result: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
constexpr bool is_nagios_status(int exit_code) { return exit_code >= 0 && exit_code <= 3; }

/// Reads what a monitoring plugin prints, by the guidelines that Nagios, Icinga and others follow
/// (https://www.monitoring-plugins.org/doc/guidelines.html#AEN33, #AEN201 for performance data):
///
///   TEXT | PERFDATA
///   LONG TEXT ...
///   LONG TEXT | PERFDATA
///   PERFDATA ...
///
/// with PERFDATA being 'label'=value[unit];[warn];[crit];[min];[max] one behind the other. It is
/// one reading: the line is TEXT; the numbers are `status` (the exit code) and one for each label,
/// called by it and its unit (`time_seconds`, `size_bytes`, `used_percent`, `requests_total`), with
/// _warning, _critical, _min and _max behind it. Times become seconds, sizes bytes. Of bounds that
/// are ranges, the upper end is taken, or else the lower one.
void read_nagios(Readings& readings, int exit_code);

/// Whether a first line looks like one of a plugin: it has a state's name in it (OK, WARNING,
/// CRITICAL or UNKNOWN, as a word in capitals), or performance data behind a bar.
bool looks_like_nagios(std::string_view line);

}  // namespace livedata::collect::custom
