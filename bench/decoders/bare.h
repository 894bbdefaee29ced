#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

/// What a library, or a pass that does nothing else, does with the same bytes: the yardsticks of
/// the decoders. Each returns a figure of what it met, so that nothing is optimised away; 0 would
/// mean that it met nothing.
namespace livedata::bench {

/// simdjson reads some bytes behind a text, which so have to be there: its users read bodies into
/// buffers that have them.
void pad_for_simdjson(std::string& text);

/// simdjson: the document, or the documents one behind the other, as a tree in its own form (DOM).
/// Texts are padded.
class SimdjsonDom {
 public:
  SimdjsonDom();
  ~SimdjsonDom();
  SimdjsonDom(const SimdjsonDom&) = delete;
  SimdjsonDom& operator=(const SimdjsonDom&) = delete;
  std::size_t parse(const std::string& text);
  std::size_t parse_many(const std::string& text);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// simdjson on demand: every value is visited, and every string made plain.
/// Texts are padded.
class SimdjsonOnDemand {
 public:
  SimdjsonOnDemand();
  ~SimdjsonOnDemand();
  SimdjsonOnDemand(const SimdjsonOnDemand&) = delete;
  SimdjsonOnDemand& operator=(const SimdjsonOnDemand&) = delete;
  std::size_t visit(const std::string& text);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The kernel that simdjson has chosen for this machine.
std::string_view simdjson_kernel();

std::size_t yyjson_parse(std::string_view text);
/// A document per line.
std::size_t yyjson_parse_lines(std::string_view text);
/// Documents one behind the other.
std::size_t yyjson_parse_many(std::string_view text);

std::size_t uncompress_snappy(std::string_view bytes);
/// Visits each field of Loki's PushRequest, in snappy's frame.
std::size_t walk_loki(std::string_view bytes);
/// The same for OTLP's ExportLogsServiceRequest.
std::size_t walk_otlp(std::string_view bytes);
/// Each value of the messages, and of the entries that a message has as its binary.
std::size_t walk_msgpack(std::string_view bytes);
/// memchr from newline to newline.
std::size_t split_lines(std::string_view text);

}  // namespace livedata::bench
