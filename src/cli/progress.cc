#include "cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

namespace livedata::cli {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(200);
constexpr std::size_t kBarColumns = 20;
constexpr std::size_t kUsualColumns = 80;
constexpr double kMiB = 1024.0 * 1024.0;

std::string clock_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::clamp(seconds, 0.0, 1e9));
  return whole >= 3600 ? fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
                       : fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string bar(double share) {
  const auto full = static_cast<std::size_t>(share * kBarColumns);
  return fmt::format("[{}{}] {:3.0f} %", std::string(full, '#'),
                     std::string(kBarColumns - full, ' '), share * 100);
}

std::size_t terminal_columns() {
  winsize size{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): how ioctl(2) is
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualColumns;
  return size.ws_col;
}

}  // namespace

std::string render_progress(const ProgressState& state, std::size_t width) {
  const double seconds = std::max(std::chrono::duration<double>(state.elapsed).count(), 1e-3);
  std::string text = state.what;
  if (state.share >= 0) text += " " + bar(std::min(state.share, 1.0));
  text += fmt::format("  {} records", with_commas(state.records));
  text += fmt::format(
      "  {}/s",
      with_commas(static_cast<std::uint64_t>(static_cast<double>(state.records) / seconds)));
  if (state.bytes > 0)
    text += fmt::format("  {:.1f} MiB/s", static_cast<double>(state.bytes) / kMiB / seconds);
  if (state.share > 0 && state.share < 1)
    text += fmt::format("  {} left", clock_text(seconds / state.share * (1 - state.share)));
  return text.substr(0, width);
}

ProgressLine::ProgressLine() : is_terminal_(::isatty(STDERR_FILENO) != 0) {}

void ProgressLine::update(ProgressState state) {
  if (!is_terminal_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < kRedraw) return;
  last_ = now;
  state.elapsed = now - start_;
  fmt::print(stderr, "\r\x1b[K{}", render_progress(state, terminal_columns() - 1));
  std::fflush(stderr);
  is_drawn_ = true;
}

void ProgressLine::note(const std::string& text) {
  clear();
  fmt::print(stderr, "{}\n", text);
}

void ProgressLine::clear() {
  if (is_drawn_) fmt::print(stderr, "\r\x1b[K");
  is_drawn_ = false;
}

}  // namespace livedata::cli
