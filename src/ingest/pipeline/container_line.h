#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace livedata::ingest::pipeline {

/// A line of a container runtime's log file: "<RFC 3339 time> stdout F text". The runtime cuts long
/// lines; the parts but the last are flagged P. (Kubernetes' CRI logging format.)
struct CriLine {
  std::string_view time;
  std::string_view stream;
  std::string_view text;
  std::size_t flag_at = 0;  ///< offset of the P or F
  bool is_partial = false;
};
std::optional<CriLine> parse_cri_line(std::string_view line);

/// A line of Docker's json-file driver, {"log":"text\n","stream":"stdout","time":"..."}, as far as
/// joining needs it. The parts of a long line but the last have no newline at their end.
struct DockerLine {
  std::string_view raw_text;  ///< of the member "log", with its escapes
  std::string_view stream;
  std::size_t text_end = 0;  ///< offset of the quote behind it
  bool is_partial = false;
};
std::optional<DockerLine> parse_docker_line(std::string_view line);

}  // namespace livedata::ingest::pipeline
