#pragma once

#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"

namespace livedata {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

/// "debug", "info", "warn" or "error".
Result<LogLevel> parse_log_level(std::string_view text);

/// The program's own log: one logfmt line per call on standard error. Never pass it secrets.
/// Thread-safe.
class Logger {
 public:
  Logger(const Clock& clock, LogLevel level) : clock_(clock), level_(level) {}
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  template <class... Args>
  void debug(fmt::format_string<Args...> format, Args&&... args) {
    log(LogLevel::kDebug, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void info(fmt::format_string<Args...> format, Args&&... args) {
    log(LogLevel::kInfo, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void warn(fmt::format_string<Args...> format, Args&&... args) {
    log(LogLevel::kWarn, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) {
    log(LogLevel::kError, format, std::forward<Args>(args)...);
  }

 private:
  template <class... Args>
  void log(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
    if (level >= level_) write(level, fmt::format(format, std::forward<Args>(args)...));
  }
  void write(LogLevel level, std::string_view message);

  const Clock& clock_;
  const LogLevel level_;
  Mutex mutex_;  // whole lines on standard error
};

}  // namespace livedata
