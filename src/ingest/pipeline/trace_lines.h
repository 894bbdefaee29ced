#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace livedata::ingest::pipeline {

/// A set of languages whose stack traces are recognised.
using TraceLanguages = std::uint8_t;
constexpr TraceLanguages kJavaTraces = 1;
constexpr TraceLanguages kPythonTraces = 2;
constexpr TraceLanguages kGoTraces = 4;
constexpr TraceLanguages kNodeTraces = 8;
constexpr TraceLanguages kRubyTraces = 16;
constexpr TraceLanguages kAllTraces = 31;

/// From "java", "python", "go", "node", "ruby" and "all".
TraceLanguages trace_languages(const std::vector<std::string>& names);

/// Tells which lines go on with a stack trace. Each language's runtime prints them in its own way;
/// the forms are those of OpenJDK, CPython, the Go runtime, V8 and MRI. Not thread-safe.
class TraceLines {
 public:
  explicit TraceLines(TraceLanguages languages) : languages_(languages) {}

  /// The first line of a record.
  void begin(std::string_view line);
  /// Whether the line belongs to the record; if not, begin() is to follow.
  bool continues(std::string_view line);

 private:
  enum class State : std::uint8_t {
    kNone,
    kPythonFrames,    // behind "Traceback (most recent call last):"
    kPythonGroup,     // a tree of exceptions, all of it indented
    kPythonEnd,       // behind the line that names the exception
    kPythonGap,       // and an empty line behind that
    kPythonChain,     // "During handling of the above exception, ..."
    kGoPanic,         // before the first goroutine
    kGoFrames,        // behind "goroutine 1 [running]:"
    kNodeExcerpt,     // "/app/x.js:10", the source and a caret
    kNodeFrames,      // behind the name of the error
    kNodeProperties,  // an error's own properties, in braces
    kRubyFrames,
  };

  [[nodiscard]] bool knows(TraceLanguages language) const { return (languages_ & language) != 0; }
  bool continues_python(std::string_view line);
  bool continues_go(std::string_view line);
  bool continues_node(std::string_view line);
  bool continues_frames(std::string_view line);

  TraceLanguages languages_;
  State state_ = State::kNone;
};

}  // namespace livedata::ingest::pipeline
