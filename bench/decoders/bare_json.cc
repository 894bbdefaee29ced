#include <simdjson.h>

#include <yyjson.hpp>

#include "decoders/bare.h"
#include "ingest/text_lines.h"

namespace livedata::bench {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

namespace {

namespace ondemand = simdjson::ondemand;

// NOLINTNEXTLINE(misc-no-recursion): as deep as the bodies that the benchmark makes
std::size_t visit_value(ondemand::value value) {
  std::size_t met = 1;
  switch (value.type().value_unsafe()) {
    case ondemand::json_type::object:
      for (auto field : value.get_object()) {
        met += field.unescaped_key().value_unsafe().size();
        met += visit_value(field.value().value_unsafe());
      }
      return met;
    case ondemand::json_type::array:
      for (auto element : value.get_array()) met += visit_value(element.value_unsafe());
      return met;
    case ondemand::json_type::string:
      return met + value.get_string().value_unsafe().size();
    case ondemand::json_type::number:
      return met + static_cast<std::size_t>(value.get_double().value_unsafe());
    default:
      return met;
  }
}

std::size_t size_of(yyjson_doc* document) {
  const std::size_t size = document == nullptr ? 0 : yyjson_doc_get_read_size(document);
  yyjson_doc_free(document);
  return size;
}

std::size_t read(std::string_view text, yyjson_read_flag flags) {
  return size_of(yyjson_read_opts(const_cast<char*>(text.data()), text.size(),
                                  flags,  // NOLINT: not in place
                                  nullptr, nullptr));
}

}  // namespace

struct SimdjsonDom::State {
  simdjson::dom::parser parser;
};

SimdjsonDom::SimdjsonDom() : state_(std::make_unique<State>()) {}
SimdjsonDom::~SimdjsonDom() = default;

std::size_t SimdjsonDom::parse(const std::string& text) {
  simdjson::dom::element root;
  return state_->parser.parse(text.data(), text.size(), false).get(root) ? 0 : text.size();
}

std::size_t SimdjsonDom::parse_many(const std::string& text) {
  simdjson::dom::document_stream documents;
  if (state_->parser.parse_many(text.data(), text.size(), text.size()).get(documents)) return 0;
  std::size_t count = 0;
  for (const auto document : documents) {
    if (!document.error()) ++count;
  }
  return count;
}

struct SimdjsonOnDemand::State {
  ondemand::parser parser;
};

SimdjsonOnDemand::SimdjsonOnDemand() : state_(std::make_unique<State>()) {}
SimdjsonOnDemand::~SimdjsonOnDemand() = default;

std::size_t SimdjsonOnDemand::visit(const std::string& text) {
  ondemand::document document;
  const simdjson::padded_string_view padded(text.data(), text.size(),
                                            text.size() + simdjson::SIMDJSON_PADDING);
  if (state_->parser.iterate(padded).get(document)) return 0;
  return visit_value(document.get_value().value_unsafe());
}

void pad_for_simdjson(std::string& text) { text.reserve(text.size() + simdjson::SIMDJSON_PADDING); }

std::string_view simdjson_kernel() {
  static const std::string kName = simdjson::get_active_implementation()->name();
  return kName;
}

std::size_t yyjson_parse(std::string_view text) {
  return read(text, YYJSON_READ_ALLOW_INVALID_UNICODE);
}

std::size_t yyjson_parse_lines(std::string_view text) {
  std::size_t met = 0;
  ingest::for_each_line(text, [&](std::string_view line) { met += yyjson_parse(line); });
  return met;
}

std::size_t yyjson_parse_many(std::string_view text) {
  std::size_t met = 0;
  while (!text.empty()) {
    // It copies all that is behind the document as well, so it is given a part.
    const std::size_t end = text.find("}{");
    const std::size_t size = end == std::string_view::npos ? text.size() : end + 1;
    met += yyjson_parse(text.substr(0, size));
    text.remove_prefix(size);
  }
  return met;
}

}  // namespace livedata::bench
