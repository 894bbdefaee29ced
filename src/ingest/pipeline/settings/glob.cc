#include "ingest/pipeline/settings/glob.h"

#include <string>

#include <re2/re2.h>

namespace livedata::ingest::pipeline {

std::shared_ptr<const re2::RE2> compile_glob(std::string_view glob) {
  std::string regex;
  while (!glob.empty()) {
    if (glob.starts_with("**/")) {
      regex += "(?:.*/)?";
      glob.remove_prefix(3);
      continue;
    }
    if (glob.starts_with("**")) {
      regex += ".*";
      glob.remove_prefix(2);
      continue;
    }
    const std::size_t class_end = glob.front() == '[' ? glob.find(']', 2) : std::string_view::npos;
    if (class_end != std::string_view::npos) {
      const bool negated = glob[1] == '!';
      regex += negated ? "[^" : "[";
      regex += glob.substr(negated ? 2 : 1, class_end - (negated ? 1 : 0));
      glob.remove_prefix(class_end + 1);
      continue;
    }
    if (glob.front() == '*') {
      regex += "[^/]*";
    } else if (glob.front() == '?') {
      regex += "[^/]";
    } else {
      regex += re2::RE2::QuoteMeta(re2::StringPiece(glob.data(), 1));
    }
    glob.remove_prefix(1);
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_encoding(re2::RE2::Options::EncodingLatin1);  // paths are bytes
  return std::make_shared<const re2::RE2>(regex, options);
}

}  // namespace livedata::ingest::pipeline
