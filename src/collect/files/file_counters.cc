#include "collect/files/file_counters.h"

namespace livedata::collect {
namespace {

constexpr std::string_view kFollowed = "livedata_files_followed";
constexpr std::string_view kOpen = "livedata_files_open";
constexpr std::string_view kLag = "livedata_files_lag_bytes";

}  // namespace

FileCounters::FileCounters(MetricRegistry& registry)
    : metrics(registry),
      lines(metrics.counter("livedata_files_lines_total", "Lines read from log files")),
      bytes(metrics.counter("livedata_files_bytes_total", "Bytes read from log files")),
      rotations(metrics.counter("livedata_files_rotations_total",
                                "Log files that got another name or were deleted")),
      truncations(metrics.counter("livedata_files_truncations_total",
                                  "Log files that were truncated or written anew")),
      lines_cut(metrics.counter("livedata_files_lines_cut_total",
                                "Pieces of lines that were longer than a line may be")),
      errors(metrics.counter("livedata_files_errors_total",
                             "Failures to open, read or decompress log files")),
      unread_bytes(metrics.counter("livedata_files_unread_bytes_total",
                                   "Bytes of log files that were gone before they were read")) {
  metrics.gauge(kFollowed, "Log files that are followed", "",
                [this] { return static_cast<double>(followed.load()); });
  metrics.gauge(kOpen, "Log files that are open", "",
                [this] { return static_cast<double>(open.load()); });
  metrics.gauge(kLag, "Bytes of log files that are waiting to be read", "",
                [this] { return static_cast<double>(lag_bytes.load()); });
}

FileCounters::~FileCounters() {
  for (const std::string_view name : {kFollowed, kOpen, kLag}) metrics.remove_gauge(name);
}

}  // namespace livedata::collect
