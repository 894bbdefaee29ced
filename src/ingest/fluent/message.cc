#include "ingest/fluent/message.h"

#include "ingest/content.h"
#include "ingest/fluent/event_time.h"
#include "ingest/fluent/msgpack.h"
#include "ingest/fluent/record.h"

namespace livedata::ingest::fluent {
namespace {

using Type = MsgpackValue::Type;

// Fluentd's chunk ids have 24 characters.
constexpr std::size_t kMaxChunkBytes = 1024;

struct Options {
  std::string_view chunk;
  Encoding encoding = Encoding::kIdentity;
  std::int64_t signal = 0;  // Fluent Bit's fluent_signal: 0 logs, 1 metrics, 2 traces
};

Result<Encoding> read_compression(std::string_view name) {
  if (name == "text") return Encoding::kIdentity;
  if (name == "gzip") return Encoding::kGzip;
  if (name == "zstd") return Encoding::kZstd;  // Fluentd, from 1.19 on
  return fail(ErrorCode::kInvalidArgument, "compression '{}' is not supported; use gzip or zstd",
              name.substr(0, 64));
}

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
      LIVEDATA_TRY(options.encoding, read_compression(value.bytes));
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

/// The events of a message, one behind the other. `storage` holds them if the message does not.
Result<std::string_view> events_of(const Message& message, ExpansionBudget& budget,
                                   std::string& storage) {
  MsgpackReader reader(message.entries);
  LIVEDATA_TRY(const MsgpackValue entries, reader.next());
  if (entries.type == Type::kArray) return reader.rest();
  if (!entries.is_text()) {
    append_msgpack_array(2, storage);
    storage += message.entries;
    storage += message.record;
  } else if (message.options.encoding == Encoding::kIdentity) {
    return entries.bytes;
  } else {
    LIVEDATA_TRY(storage, decompress(entries.bytes, message.options.encoding, budget.bytes));
    budget.bytes -= storage.size();
  }
  return storage;
}

/// Senders write all times of a message alike, so that of the first event tells.
void expect_whole_seconds(std::string_view events, std::size_t max_events, TimestampNs now,
                          MessageTimes& times) {
  MsgpackReader reader(events);
  while (!reader.done() && max_events-- > 0) {
    const auto event = reader.skip();
    if (!event) return;
    const auto second = whole_second_of(*event, now);
    if (!second) return;
    times.expect(*second);
  }
}

Result<void> read_events(const Message& message, MessageTimes& times, ExpansionBudget& budget,
                         RecordIntake& intake) {
  std::string storage;
  LIVEDATA_TRY(const std::string_view events, events_of(message, budget, storage));
  expect_whole_seconds(events, budget.records, intake.now(), times);
  RecordReader records(message.tag, times, intake);
  MsgpackReader reader(events);
  while (!reader.done()) {
    LIVEDATA_TRY(const std::string_view event, reader.skip());
    add_event(event, budget, records, intake);
  }
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

Result<std::string> read_message(std::string_view message, WholeSeconds& seconds,
                                 ExpansionBudget& budget, RecordIntake& intake) {
  LIVEDATA_TRY(const Message parts, read_parts(message));
  // Without a chunk's id nothing is sent again, and what is the same is meant to be two.
  const auto identity =
      parts.options.chunk.empty() ? std::nullopt : std::optional(hash128(message));
  MessageTimes times(seconds, identity);
  if (parts.options.signal != 0) {
    intake.reject("unsupported_signal", "metrics and traces of Fluent Bit are not taken");
  } else if (const auto read = read_events(parts, times, budget, intake); !read) {
    intake.reject("invalid_message",
                  fmt::format("tag '{}': {}", parts.tag.substr(0, 64), read.error().message));
  }
  return acknowledge(parts.options.chunk);
}

}  // namespace livedata::ingest::fluent
