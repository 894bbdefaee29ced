#include "ingest/pipeline/container_line.h"

namespace livedata::ingest::pipeline {

std::optional<CriLine> parse_cri_line(std::string_view line) {
  CriLine out;
  const std::size_t time_end = line.find(' ');
  // 2026-01-02T03:04:05Z is the shortest time.
  if (time_end == std::string_view::npos || time_end < 20 || time_end > 40) return std::nullopt;
  out.time = line.substr(0, time_end);
  std::string_view rest = line.substr(time_end + 1);
  out.stream = rest.substr(0, 6);
  if (out.stream != "stdout" && out.stream != "stderr") return std::nullopt;
  rest.remove_prefix(6);
  // Behind the first flag others may follow, separated by colons.
  if (rest.size() < 2 || rest[0] != ' ' || (rest[1] != 'P' && rest[1] != 'F')) return std::nullopt;
  out.flag_at = time_end + 8;
  out.is_partial = rest[1] == 'P';
  rest.remove_prefix(2);
  if (!rest.empty() && rest.front() != ' ' && rest.front() != ':') return std::nullopt;
  const std::size_t flags_end = rest.find(' ');
  out.text = flags_end == std::string_view::npos ? std::string_view() : rest.substr(flags_end + 1);
  return out;
}

std::optional<DockerLine> parse_docker_line(std::string_view line) {
  constexpr std::string_view kStart = "{\"log\":\"";
  constexpr std::string_view kStream = "\",\"stream\":\"";
  if (!line.starts_with(kStart)) return std::nullopt;
  std::size_t end = kStart.size();
  bool ends_with_newline = false;
  while (end < line.size() && line[end] != '"') {
    const bool escape = line[end] == '\\';
    ends_with_newline = escape && end + 1 < line.size() && line[end + 1] == 'n';
    end += escape ? std::size_t{2} : 1;
  }
  if (end >= line.size()) return std::nullopt;
  DockerLine out;
  out.raw_text = line.substr(kStart.size(), end - kStart.size());
  out.text_end = end;
  out.is_partial = !ends_with_newline;
  if (line.substr(end).starts_with(kStream)) {
    const std::string_view rest = line.substr(end + kStream.size());
    out.stream = rest.substr(0, rest.find('"'));
  }
  return out;
}

}  // namespace livedata::ingest::pipeline
