#pragma once

#include <memory>
#include <string_view>

namespace re2 {
class RE2;
}

namespace livedata::ingest::pipeline {

/// A pattern of whole paths: * and ? stay within a folder, ** does not, [a-z] is one of these. What
/// is no such pattern gives a regex that is not ok().
std::shared_ptr<const re2::RE2> compile_glob(std::string_view glob);

}  // namespace livedata::ingest::pipeline
