#include "collect/host/process_stat.h"

#include "collect/host/text_scan.h"

namespace livedata::collect::host {

bool parse_process_stat(std::string_view text, ProcessStat& stat) {
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');  // the last one: the name may hold others
  if (open == std::string_view::npos || close == std::string_view::npos || close < open)
    return false;
  stat.pid = to_number<std::int64_t>(text.substr(0, open));
  stat.name = text.substr(open + 1, close - open - 1);
  TextScanner words(text.substr(close + 1));
  const std::string_view state = words.word();
  if (stat.pid <= 0 || state.size() != 1) return false;
  stat.state = state.front();
  stat.parent = to_number<std::int64_t>(words.word());
  words.skip(5);  // to field 10
  stat.minor_faults = words.number();
  words.skip(1);
  stat.major_faults = words.number();
  words.skip(1);
  stat.user_ticks = words.number();
  stat.system_ticks = words.number();
  words.skip(4);
  stat.threads = to_number<std::int64_t>(words.word());
  words.skip(1);
  stat.start_ticks = words.number();
  stat.virtual_bytes = words.number();
  stat.resident_pages = words.number();
  return true;
}

ProcessStatus parse_process_status(std::string_view text) {
  ProcessStatus status;
  for (TextScanner lines(text); !lines.done();) {
    TextScanner words(lines.line());
    const std::string_view name = words.word();
    if (name == "Uid:") {
      words.skip(1);  // real, effective, ...
      if (const std::string_view uid = words.word(); !uid.empty())
        status.uid = to_number<unsigned>(uid);
    } else if (name == "VmSwap:") {
      status.swap_bytes = words.number() * 1024;
    } else if (name == "voluntary_ctxt_switches:") {
      status.voluntary_switches = words.number();
    } else if (name == "nonvoluntary_ctxt_switches:") {
      status.involuntary_switches = words.number();
    }
  }
  return status;
}

ProcessIo parse_process_io(std::string_view text) {
  ProcessIo io;
  for (TextScanner lines(text); !lines.done();) {
    TextScanner words(lines.line());
    const std::string_view name = words.word();
    if (name == "read_bytes:") io.read_bytes = words.number();
    if (name == "write_bytes:") io.written_bytes = words.number();
  }
  return io;
}

std::string_view parse_process_cgroup(std::string_view text) {
  std::string_view systemd;
  for (TextScanner lines(text); !lines.done();) {
    TextScanner line(lines.line());  // number:controllers:path
    const std::string_view number = line.until(':');
    const std::string_view controllers = line.until(':');
    if (number == "0" && controllers.empty() && line.rest() != "/") return line.rest();
    if (controllers == "name=systemd") systemd = line.rest();
  }
  return systemd.empty() ? std::string_view("/") : systemd;
}

}  // namespace livedata::collect::host
