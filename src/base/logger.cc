#include "base/logger.h"

#include <array>
#include <cstdio>
#include <string>

#include "base/time_format.h"

namespace livedata {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warn", "error"};

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  out += '"';
  return out;
}

}  // namespace

Result<LogLevel> parse_log_level(std::string_view text) {
  for (std::size_t i = 0; i < kLevelNames.size(); ++i) {
    if (kLevelNames[i] == text) return static_cast<LogLevel>(i);
  }
  return fail(ErrorCode::kInvalidArgument,
              "log level '{}' is unknown; use debug, info, warn or error", text);
}

void Logger::write(LogLevel level, std::string_view message) {
  const std::string line =
      fmt::format("time={} level={} msg={}\n", format_rfc3339(clock_.now()),
                  kLevelNames[static_cast<std::size_t>(level)], quoted(message));
  const MutexLock lock(mutex_);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace livedata
