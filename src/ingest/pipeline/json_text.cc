#include "ingest/pipeline/json_text.h"

namespace livedata::ingest::pipeline {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

yyjson_val* read_json_object(std::string_view text, PipelineRun& run) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || text[start] != '{' || text.size() > kMaxJsonBytes)
    return nullptr;
  const std::span<char> memory = run.scratch(yyjson_read_max_memory_usage(text.size(), 0) + 64);
  yyjson_alc allocator;
  yyjson_alc_pool_init(&allocator, memory.data(), memory.size());
  // Without YYJSON_READ_INSITU the text is copied and left alone.
  yyjson_doc* document = yyjson_read_opts(const_cast<char*>(text.data()), text.size(),  // NOLINT
                                          YYJSON_READ_ALLOW_INVALID_UNICODE, &allocator, nullptr);
  return document == nullptr ? nullptr : yyjson_doc_get_root(document);
}

}  // namespace livedata::ingest::pipeline
