#include "ingest/pipeline/trace_lines.h"

#include <algorithm>

namespace livedata::ingest::pipeline {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_indented(std::string_view line) {
  return !line.empty() && (line.front() == ' ' || line.front() == '\t');
}
std::string_view trimmed_front(std::string_view line) {
  return line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
}
bool contains(std::string_view line, std::string_view part) {
  return line.find(part) != std::string_view::npos;
}

/// "    at com.example.Main.run(Main.java:12)", "    at async f (/app/x.js:1:2)"
bool is_at_frame(std::string_view line) {
  return is_indented(line) && trimmed_front(line).starts_with("at ");
}

/// What else OpenJDK prints between frames.
bool is_java_link(std::string_view line) {
  const std::string_view text = trimmed_front(line);
  if (text.starts_with("Caused by: ") || text.starts_with("Suppressed: ") ||
      text.starts_with("Wrapped by: ")) {
    return true;
  }
  // "... 12 more", "... 12 common frames omitted"
  return is_indented(line) && text.starts_with("... ") && text.size() > 4 && is_digit(text[4]);
}

/// "main.(*Server).run(0xc000012345, {0x1, 0x2})", "created by net/http.(*Server).Serve"
bool is_go_frame(std::string_view line) {
  if (line.starts_with("\t") || line.starts_with("created by ") || line.starts_with("exit status "))
    return true;
  if (!line.ends_with(")") && !line.ends_with("...")) return false;
  const std::size_t call = line.rfind('(');
  const std::string_view function = line.substr(0, call);
  return call != std::string_view::npos && contains(function, ".") && !contains(function, " ");
}

/// "/app/server.js:10", which V8 prints above the source line of an uncaught error.
bool is_node_place(std::string_view line) {
  const std::size_t colon = line.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == line.size()) return false;
  const std::string_view number = line.substr(colon + 1);
  const std::string_view file = line.substr(0, colon);
  return std::all_of(number.begin(), number.end(), is_digit) && !contains(file, " ") &&
         (line.starts_with("/") || line.starts_with("file://") || line.starts_with("node:"));
}

/// "TypeError: x is not a function", "Error [ERR_X]: text"
bool is_node_error(std::string_view line) {
  const std::string_view name = line.substr(0, line.find_first_of(":[("));
  return !is_indented(line) && (contains(name, "Error") || name.starts_with("Uncaught"));
}

/// "/app/x.rb:12:in `run': text (ArgumentError)"
bool is_ruby_place(std::string_view line) {
  const std::size_t in = line.find(":in ");
  return in != std::string_view::npos && in > 0 && is_digit(line[in - 1]) && in + 4 < line.size() &&
         (line[in + 4] == '`' || line[in + 4] == '\'') && contains(line.substr(0, in), ":");
}

bool is_ruby_from(std::string_view line) {
  std::string_view text = trimmed_front(line);
  // Ruby 2.5 to 2.7 number them: "\t 3: from /app/x.rb:1:in `<main>'"
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  if (digits > 0 && text.substr(digits).starts_with(": ")) text.remove_prefix(digits + 2);
  return is_indented(line) && text.starts_with("from ");
}

}  // namespace

TraceLanguages trace_languages(const std::vector<std::string>& names) {
  TraceLanguages out = 0;
  for (const std::string& name : names) {
    out |= name == "java"     ? kJavaTraces
           : name == "python" ? kPythonTraces
           : name == "go"     ? kGoTraces
           : name == "node"   ? kNodeTraces
           : name == "ruby"   ? kRubyTraces
                              : kAllTraces;
  }
  return out;
}

void TraceLines::begin(std::string_view line) {
  state_ = State::kNone;
  if (knows(kPythonTraces) && line.ends_with("Traceback (most recent call last):")) {
    state_ = contains(line, "Exception Group ") ? State::kPythonGroup : State::kPythonFrames;
  } else if (knows(kGoTraces) && line.starts_with("goroutine ") && line.ends_with("]:")) {
    state_ = State::kGoFrames;
  } else if (knows(kGoTraces) &&
             (line.starts_with("panic: ") || line.starts_with("fatal error: ") ||
              contains(line, "http: panic serving "))) {
    state_ = State::kGoPanic;
  } else if (knows(kNodeTraces) && is_node_place(line)) {
    state_ = State::kNodeExcerpt;
  } else if (knows(kRubyTraces) && is_ruby_place(line)) {
    state_ = State::kRubyFrames;
  }
}

bool TraceLines::continues(std::string_view line) {
  switch (state_) {
    case State::kPythonFrames:
    case State::kPythonGroup:
    case State::kPythonEnd:
    case State::kPythonGap:
    case State::kPythonChain:
      return continues_python(line);
    case State::kGoPanic:
    case State::kGoFrames:
      return continues_go(line);
    case State::kNodeExcerpt:
    case State::kNodeProperties:
      return continues_node(line);
    case State::kRubyFrames:
      return is_ruby_from(line) || is_ruby_place(line);
    case State::kNone:
    case State::kNodeFrames:
      return continues_frames(line);
  }
  return false;
}

/// Frames that go on with whatever stood before them, such as the log line that tells of the error.
bool TraceLines::continues_frames(std::string_view line) {
  if (knows(kNodeTraces) && is_at_frame(line)) {
    state_ = line.ends_with("{") ? State::kNodeProperties : State::kNodeFrames;
    return true;
  }
  if (knows(kNodeTraces) && state_ == State::kNodeFrames &&
      (line.empty() || line.starts_with("Node.js v"))) {
    return true;
  }
  if (knows(kJavaTraces) && (is_at_frame(line) || is_java_link(line))) return true;
  return knows(kRubyTraces) && is_ruby_from(line) && is_ruby_place(line);
}

bool TraceLines::continues_python(std::string_view line) {
  switch (state_) {
    case State::kPythonGroup:
      return is_indented(line);
    case State::kPythonFrames:
      if (!is_indented(line)) state_ = State::kPythonEnd;
      return !line.empty();
    case State::kPythonEnd:
      state_ = State::kPythonGap;
      return line.empty();
    case State::kPythonGap:
      state_ = State::kPythonChain;
      return line.starts_with("During handling of the above exception") ||
             line.starts_with("The above exception was the direct cause");
    default:
      if (line.starts_with("Traceback (most recent call last):")) {
        state_ = State::kPythonFrames;
        return true;
      }
      return line.empty();
  }
}

bool TraceLines::continues_go(std::string_view line) {
  if (line.starts_with("goroutine ") && line.ends_with("]:")) {
    state_ = State::kGoFrames;
    return true;
  }
  if (line.empty() || line.starts_with("\t") || line.starts_with("[signal ")) return true;
  // A second panic while the first one is printed.
  if (state_ == State::kGoPanic) return line.starts_with("panic: ");
  return is_go_frame(line);
}

bool TraceLines::continues_node(std::string_view line) {
  if (state_ == State::kNodeProperties) {
    if (line == "}") state_ = State::kNodeFrames;
    return is_indented(line) || line == "}";
  }
  if (is_at_frame(line)) return continues_frames(line);
  if (is_node_error(line)) {
    state_ = State::kNodeFrames;
    return true;
  }
  // The source line, a caret below it, and an empty line; the source stands as it is in the file.
  return line.empty() || is_indented(line) || trimmed_front(line).starts_with("^") ||
         line.starts_with("throw ");
}

}  // namespace livedata::ingest::pipeline
