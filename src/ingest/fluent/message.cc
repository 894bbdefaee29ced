#include "ingest/fluent/message.h"

#include <algorithm>

#include "ingest/content.h"
#include "ingest/fluent/msgpack.h"
#include "ingest/fluent/record.h"

namespace livedata::ingest::fluent {
namespace {

using Type = MsgpackValue::Type;

// Fluentd's chunk ids have 24 characters.
constexpr std::size_t kMaxChunkBytes = 1024;

struct Options {
  std::string_view chunk;
  bool is_gzip = false;
  std::int64_t signal = 0;  // Fluent Bit's fluent_signal: 0 logs, 1 metrics, 2 traces
};

Result<Options> read_options(MsgpackReader& reader) {
  Options options;
  LIVEDATA_TRY(const MsgpackValue map, reader.next());
  if (map.type == Type::kNil) return options;
  if (map.type != Type::kMap) return fail(ErrorCode::kInvalidArgument, "the options are no map");
  for (std::uint32_t i = 0; i < map.count; ++i) {
    LIVEDATA_TRY(const std::string_view key_bytes, reader.skip());
    LIVEDATA_TRY(const std::string_view value_bytes, reader.skip());
    LIVEDATA_TRY(const MsgpackValue key, MsgpackReader(key_bytes).next());
    LIVEDATA_TRY(const MsgpackValue value, MsgpackReader(value_bytes).next());
    if (key.bytes == "chunk" && value.is_text()) {
      if (value.bytes.size() > kMaxChunkBytes)
        return fail(ErrorCode::kInvalidArgument, "the chunk's id is too long");
      options.chunk = value.bytes;
    } else if (key.bytes == "compressed" && value.is_text()) {
      if (value.bytes != "gzip" && value.bytes != "text") {
        return fail(ErrorCode::kInvalidArgument, "compression '{}' is not supported; use gzip",
                    value.bytes.substr(0, 64));
      }
      options.is_gzip = value.bytes == "gzip";
    } else if (key.bytes == "fluent_signal" && value.type == Type::kInt) {
      options.signal = value.integer;
    }
  }
  return options;
}

/// The parts of a message, before its events are read.
struct Message {
  std::string_view tag;
  std::string_view entries;  // a whole value: the events, or an event's time
  std::string_view record;   // in Message mode
  Options options;
};

Result<Message> read_parts(std::string_view bytes) {
  MsgpackReader reader(bytes);
  LIVEDATA_TRY(const MsgpackValue array, reader.next());
  if (array.type != Type::kArray || array.count < 2 || array.count > 4)
    return fail(ErrorCode::kInvalidArgument, "a message is an array of a tag and events");
  Message message;
  LIVEDATA_TRY(const MsgpackValue tag, reader.next());
  if (!tag.is_text()) return fail(ErrorCode::kInvalidArgument, "the tag is no string");
  message.tag = tag.bytes;
  LIVEDATA_TRY(message.entries, reader.skip());
  LIVEDATA_TRY(const MsgpackValue entries, MsgpackReader(message.entries).next());
  std::uint32_t num_read = 2;
  if (entries.type != Type::kArray && !entries.is_text()) {
    if (array.count < 3) return fail(ErrorCode::kInvalidArgument, "the event has no record");
    LIVEDATA_TRY(message.record, reader.skip());
    ++num_read;
  }
  if (array.count > num_read) {
    LIVEDATA_TRY(message.options, read_options(reader));
  }
  return message;
}

/// Rows beyond the budget are counted, not kept.
void add_event(std::string_view event, ExpansionBudget& budget, RecordReader& records,
               RecordIntake& intake) {
  if (budget.records == 0) {
    intake.reject("too_many_records", "a message has too many events; send smaller chunks");
    return;
  }
  --budget.records;
  records.add(event);
}

/// Events one behind the other, as PackedForward has them.
Result<void> read_packed(std::string_view stream, ExpansionBudget& budget, RecordReader& records,
                         RecordIntake& intake) {
  MsgpackReader reader(stream);
  while (!reader.done()) {
    LIVEDATA_TRY(const std::string_view event, reader.skip());
    add_event(event, budget, records, intake);
  }
  return {};
}

Result<void> read_gzip(std::string_view body, ExpansionBudget& budget, RecordReader& records,
                       RecordIntake& intake) {
  LIVEDATA_TRY(const std::string stream,
               decompress(body, Encoding::kGzip, budget.bytes, budget.ratio));
  budget.bytes -= stream.size();
  return read_packed(stream, budget, records, intake);
}

Result<void> read_events(const Message& message, ExpansionBudget& budget, RecordIntake& intake) {
  RecordReader records(message.tag, intake);
  MsgpackReader reader(message.entries);
  LIVEDATA_TRY(const MsgpackValue entries, reader.next());
  if (entries.is_text()) {
    return message.options.is_gzip ? read_gzip(entries.bytes, budget, records, intake)
                                   : read_packed(entries.bytes, budget, records, intake);
  }
  if (entries.type == Type::kArray) {
    for (std::uint32_t i = 0; i < entries.count; ++i) {
      LIVEDATA_TRY(const std::string_view event, reader.skip());
      add_event(event, budget, records, intake);
    }
    return {};
  }
  std::string event;
  append_msgpack_array(2, event);
  event += message.entries;
  event += message.record;
  add_event(event, budget, records, intake);
  return {};
}

std::string acknowledge(std::string_view chunk) {
  std::string out;
  if (chunk.empty()) return out;
  append_msgpack_map(1, out);
  append_msgpack_string("ack", out);
  append_msgpack_string(chunk, out);
  return out;
}

}  // namespace

std::string read_message(std::string_view message, ExpansionBudget& budget, RecordIntake& intake) {
  const auto parts = read_parts(message);
  if (!parts) {
    intake.reject("invalid_message", parts.error().message);
    return {};
  }
  if (parts->options.signal != 0) {
    intake.reject("unsupported_signal", "metrics and traces of Fluent Bit are not taken");
  } else if (const auto read = read_events(*parts, budget, intake); !read) {
    intake.reject("invalid_message",
                  fmt::format("tag '{}': {}", parts->tag.substr(0, 64), read.error().message));
  }
  return acknowledge(parts->options.chunk);
}

}  // namespace livedata::ingest::fluent
