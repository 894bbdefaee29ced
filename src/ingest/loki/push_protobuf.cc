// PushRequest{1: Stream*}, Stream{1: labels, 2: Entry*}, Entry{1: Timestamp{1: s, 2: ns}, 2: line,
// 3: LabelPair{1, 2}*}
#include <protozero/pbf_reader.hpp>

#include "ingest/loki/label_text.h"
#include "ingest/loki/push.h"
#include "ingest/record_intake.h"

namespace livedata::ingest::loki {
namespace {

std::string_view view(protozero::data_view data) { return {data.data(), data.size()}; }

TimestampNs read_timestamp(protozero::pbf_reader message) {
  std::uint64_t seconds = 0;
  std::uint64_t nanoseconds = 0;
  while (message.next()) {
    if (message.tag() == 1 && message.wire_type() == protozero::pbf_wire_type::varint) {
      seconds = static_cast<std::uint64_t>(message.get_int64());
    } else if (message.tag() == 2 && message.wire_type() == protozero::pbf_wire_type::varint) {
      nanoseconds = static_cast<std::uint64_t>(message.get_int64());
    } else {
      message.skip();
    }
  }
  // Wraps for times that int64 nanoseconds can't hold; the limits refuse what is far off.
  return static_cast<TimestampNs>(seconds * static_cast<std::uint64_t>(kNsPerSecond) + nanoseconds);
}

Field read_label_pair(protozero::pbf_reader message) {
  std::string_view name;
  std::string_view value;
  while (message.next()) {
    if (message.tag() == 1) {
      name = view(message.get_view());
    } else if (message.tag() == 2) {
      value = view(message.get_view());
    } else {
      message.skip();
    }
  }
  return {name, value};
}

void read_entry(protozero::pbf_reader message, const RecordIntake::StreamSlot& slot,
                std::vector<Field>& fields, RecordIntake& intake) {
  TimestampNs time = 0;
  std::string_view line;
  fields.clear();
  while (message.next()) {
    switch (message.tag()) {
      case 1:
        time = read_timestamp(message.get_message());
        break;
      case 2:
        line = view(message.get_view());
        break;
      case 3:
        fields.push_back(read_label_pair(message.get_message()));
        break;
      default:
        message.skip();
    }
  }
  intake.add(slot, time, line, fields);
}

Result<void> read_stream(const protozero::pbf_reader& stream, RecordIntake& intake) {
  // Labels first, wherever they stand in the message.
  std::vector<Label> labels;
  for (protozero::pbf_reader message = stream; message.next();) {
    if (message.tag() != 1) {
      message.skip();
      continue;
    }
    LIVEDATA_TRY(labels, parse_label_text(view(message.get_view())));
  }
  const RecordIntake::StreamSlot slot = intake.stream(std::move(labels));
  std::vector<Field> fields;
  for (protozero::pbf_reader message = stream; message.next();) {
    if (message.tag() == 2) {
      read_entry(message.get_message(), slot, fields, intake);
    } else {
      message.skip();
    }
  }
  return {};
}

}  // namespace

Result<Decoded> decode_protobuf(std::string_view body, const DecodeContext& context) {
  RecordIntake intake(context);
  // protozero reports damage by exceptions; they end here.
  try {
    protozero::pbf_reader message(body.data(), body.size());
    while (message.next()) {
      if (message.tag() == 1) {
        LIVEDATA_RETURN_IF_ERROR(read_stream(message.get_message(), intake));
      } else {
        message.skip();
      }
    }
  } catch (const protozero::exception& error) {
    return fail(ErrorCode::kInvalidArgument, "the protobuf message is malformed: {}", error.what());
  }
  return intake.take();
}

}  // namespace livedata::ingest::loki
