#include "ingest/pipeline/multi_line.h"

#include <algorithm>

#include <re2/re2.h>

#include "ingest/pipeline/container_line.h"

namespace livedata::ingest::pipeline {

Result<MultiLineRules> compile_multi_line(const Node& node, Scope scope) {
  Options options(node, std::move(scope));
  MultiLineRules rules;
  rules.first_line = options.regex("first_line");
  const bool by_indentation = options.flag("indentation", false);
  const std::string partial =
      options.has("partial") ? options.word("partial", {"cri", "docker"}) : "";
  const std::vector<std::string> traces =
      options.words("traces", {"all", "java", "python", "go", "node", "ruby"});
  rules.max_lines = options.count("max_lines", rules.max_lines, 2, 100'000);
  rules.max_bytes = options.bytes("max_bytes", rules.max_bytes, 64, 16U << 20U);
  rules.timeout = options.duration("timeout", rules.timeout);

  const int ways = (rules.first_line != nullptr ? 1 : 0) + (by_indentation ? 1 : 0) +
                   (!partial.empty() ? 1 : 0) + (!traces.empty() ? 1 : 0);
  if (ways != 1) {
    options.mistake_at(node,
                       "exactly one of 'first_line: REGEX', 'indentation: true', 'traces: [java]' "
                       "and 'partial: cri' is needed");
  }
  using Mode = MultiLineRules::Mode;
  rules.mode = rules.first_line != nullptr ? Mode::kFirstLine
               : by_indentation            ? Mode::kIndentation
               : partial == "cri"          ? Mode::kCri
               : partial == "docker"       ? Mode::kDocker
                                           : Mode::kTraces;
  if (!traces.empty()) rules.traces = trace_languages(traces);
  LIVEDATA_RETURN_IF_ERROR(options.finish());
  return rules;
}

MultiLine::MultiLine(const MultiLineRules& rules, std::size_t max_bytes)
    : rules_(rules), max_bytes_(std::min(max_bytes, rules.max_bytes)), traces_(rules.traces) {}

void MultiLine::begin(std::string_view line, Origin origin) {
  text_.assign(line);
  lines_ = 1;
  origin_ = origin;
  partial_ = false;
  if (rules_.mode == MultiLineRules::Mode::kTraces) {
    traces_.begin(line);
  } else if (rules_.mode == MultiLineRules::Mode::kCri) {
    const auto parsed = parse_cri_line(line);
    if (!parsed) return;
    partial_ = parsed->is_partial;
    stream_ = parsed->stream;
    place_ = parsed->flag_at;
  } else if (rules_.mode == MultiLineRules::Mode::kDocker) {
    const auto parsed = parse_docker_line(line);
    if (!parsed) return;
    partial_ = parsed->is_partial;
    stream_ = parsed->stream;
    place_ = parsed->text_end;
  }
}

bool MultiLine::is_complete() const {
  const bool is_container =
      rules_.mode == MultiLineRules::Mode::kCri || rules_.mode == MultiLineRules::Mode::kDocker;
  return is_container && !partial_;
}

bool MultiLine::append(std::string_view line) {
  bool belongs = false;
  switch (rules_.mode) {
    case MultiLineRules::Mode::kFirstLine:
      belongs =
          !re2::RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), *rules_.first_line);
      break;
    case MultiLineRules::Mode::kIndentation:
      belongs = line.empty() || line.front() == ' ' || line.front() == '\t';
      break;
    case MultiLineRules::Mode::kTraces:
      belongs = traces_.continues(line);
      break;
    case MultiLineRules::Mode::kCri:
      return append_cri(line);
    case MultiLineRules::Mode::kDocker:
      return append_docker(line);
  }
  return belongs && append_text(line);
}

bool MultiLine::append_text(std::string_view text) {
  if (!has_room(text.size() + 1)) return false;
  text_ += '\n';
  text_ += text;
  ++lines_;
  return true;
}

bool MultiLine::append_cri(std::string_view line) {
  const auto next = parse_cri_line(line);
  if (!next || next->stream != stream_ || !has_room(next->text.size())) return false;
  // Once it is whole it says so.
  if (!next->is_partial) text_[place_] = 'F';
  text_ += next->text;
  partial_ = next->is_partial;
  ++lines_;
  return true;
}

bool MultiLine::append_docker(std::string_view line) {
  const auto next = parse_docker_line(line);
  if (!next || next->stream != stream_ || !has_room(next->raw_text.size())) return false;
  text_.insert(place_, next->raw_text);
  place_ += next->raw_text.size();
  partial_ = next->is_partial;
  ++lines_;
  return true;
}

}  // namespace livedata::ingest::pipeline
