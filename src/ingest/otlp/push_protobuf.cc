// opentelemetry/proto/{collector/logs,logs,common,resource}/v1
#include <protozero/pbf_reader.hpp>

#include "encoding/base64.h"
#include "ingest/otlp/log_record.h"
#include "ingest/otlp/push.h"
#include "ingest/otlp/record_mapper.h"

namespace livedata::ingest::otlp {
namespace {

using protozero::pbf_wire_type;
using protozero::tag_and_type;

constexpr auto kBytes = pbf_wire_type::length_delimited;
constexpr auto kVarint = pbf_wire_type::varint;
constexpr auto kFixed32 = pbf_wire_type::fixed32;
constexpr auto kFixed64 = pbf_wire_type::fixed64;

std::string_view view(protozero::data_view data) { return {data.data(), data.size()}; }

/// Hexadecimal; "" for an id of zeros, which stands for none.
void read_id(std::string_view bytes, std::string& id) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  id.clear();
  if (bytes.find_first_not_of('\0') == std::string_view::npos) return;
  for (const char c : bytes) {
    id += kDigits[static_cast<unsigned char>(c) >> 4U];
    id += kDigits[static_cast<unsigned char>(c) & 0xFU];
  }
}

/// Reads a request into a RecordMapper. A record whose values are too many or too deep is rejected
/// alone; protozero reports damage by exceptions.
class RequestReader {
 public:
  RequestReader(const Limits& limits, RecordMapper& mapper)
      : mapper_(mapper), num_values_(limits) {}

  Result<void> read(protozero::pbf_reader request) {
    while (request.next()) {
      if (request.tag_and_type() == tag_and_type(1, kBytes)) {
        LIVEDATA_RETURN_IF_ERROR(read_resource_logs(request.get_message()));
      } else {
        request.skip();
      }
    }
    return {};
  }

 private:
  /// The resource first, wherever it stands in the message; then its records.
  Result<void> read_resource_logs(const protozero::pbf_reader& resource_logs) {
    num_values_.start();
    resource_ = Resource();
    for (protozero::pbf_reader message = resource_logs; message.next();) {
      if (message.tag_and_type() == tag_and_type(1, kBytes)) {
        LIVEDATA_RETURN_IF_ERROR(read_resource(message.get_message()));
      } else {
        message.skip();
      }
    }
    mapper_.set_resource(resource_);
    for (protozero::pbf_reader message = resource_logs; message.next();) {
      if (message.tag_and_type() == tag_and_type(2, kBytes)) {
        LIVEDATA_RETURN_IF_ERROR(read_scope_logs(message.get_message()));
      } else {
        message.skip();
      }
    }
    return {};
  }

  Result<void> read_resource(protozero::pbf_reader message) {
    while (message.next()) {
      switch (message.tag_and_type()) {
        case tag_and_type(1, kBytes):
          LIVEDATA_RETURN_IF_ERROR(
              read_attribute(message.get_message(), resource_.attributes.emplace_back(), 0));
          break;
        case tag_and_type(2, kVarint):
          resource_.dropped_attributes = message.get_uint32();
          break;
        default:
          message.skip();
      }
    }
    return {};
  }

  Result<void> read_scope_logs(const protozero::pbf_reader& scope_logs) {
    num_values_.start();
    scope_ = Scope();
    for (protozero::pbf_reader message = scope_logs; message.next();) {
      if (message.tag_and_type() == tag_and_type(1, kBytes)) {
        LIVEDATA_RETURN_IF_ERROR(read_scope(message.get_message()));
      } else {
        message.skip();
      }
    }
    mapper_.set_scope(scope_);
    for (protozero::pbf_reader message = scope_logs; message.next();) {
      if (message.tag_and_type() == tag_and_type(2, kBytes)) {
        LIVEDATA_RETURN_IF_ERROR(add_record(message.get_message()));
      } else {
        message.skip();
      }
    }
    return {};
  }

  Result<void> read_scope(protozero::pbf_reader message) {
    while (message.next()) {
      switch (message.tag_and_type()) {
        case tag_and_type(1, kBytes):
          scope_.name = view(message.get_view());
          break;
        case tag_and_type(2, kBytes):
          scope_.version = view(message.get_view());
          break;
        case tag_and_type(3, kBytes):
          LIVEDATA_RETURN_IF_ERROR(
              read_attribute(message.get_message(), scope_.attributes.emplace_back(), 0));
          break;
        case tag_and_type(4, kVarint):
          scope_.dropped_attributes = message.get_uint32();
          break;
        default:
          message.skip();
      }
    }
    return {};
  }

  Result<void> add_record(protozero::pbf_reader message) {
    num_values_.start();
    record_.clear();
    while (message.next()) {
      if (const Result<void> read = read_property(message); !read) {
        mapper_.reject(read.error().message);
        return {};
      }
    }
    return mapper_.add(record_);
  }

  Result<void> read_property(protozero::pbf_reader& message) {
    switch (message.tag_and_type()) {
      case tag_and_type(1, kFixed64):
        record_.time = message.get_fixed64();
        break;
      case tag_and_type(11, kFixed64):
        record_.observed_time = message.get_fixed64();
        break;
      case tag_and_type(2, kVarint):
        record_.severity_number = message.get_int32();
        break;
      case tag_and_type(3, kBytes):
        record_.severity_text = view(message.get_view());
        break;
      case tag_and_type(5, kBytes):
        return read_value(message.get_message(), record_.body, 0);
      case tag_and_type(6, kBytes):
        return read_attribute(message.get_message(), record_.attributes.emplace_back(), 0);
      case tag_and_type(7, kVarint):
        record_.dropped_attributes = message.get_uint32();
        break;
      case tag_and_type(8, kFixed32):
        record_.flags = message.get_fixed32();
        break;
      case tag_and_type(9, kBytes):
        read_id(view(message.get_view()), record_.trace_id);
        break;
      case tag_and_type(10, kBytes):
        read_id(view(message.get_view()), record_.span_id);
        break;
      case tag_and_type(12, kBytes):
        record_.event_name = view(message.get_view());
        break;
      default:
        message.skip();
    }
    return {};
  }

  Result<void> read_attribute(protozero::pbf_reader message, Attribute& attribute, int depth) {
    LIVEDATA_RETURN_IF_ERROR(num_values_.add());
    while (message.next()) {
      switch (message.tag_and_type()) {
        case tag_and_type(1, kBytes):
          attribute.key = view(message.get_view());
          break;
        case tag_and_type(2, kBytes):
          LIVEDATA_RETURN_IF_ERROR(read_value(message.get_message(), attribute.value, depth));
          break;
        default:
          message.skip();
      }
    }
    return {};
  }

  Result<void> read_value(protozero::pbf_reader message, Value& value, int depth) {
    if (depth >= kMaxValueDepth)
      return fail(ErrorCode::kInvalidArgument, "a value is nested deeper than {} levels",
                  kMaxValueDepth);
    while (message.next()) {
      switch (message.tag_and_type()) {
        case tag_and_type(1, kBytes):
          value.content = view(message.get_view());
          break;
        case tag_and_type(2, kVarint):
          value.content = message.get_bool();
          break;
        case tag_and_type(3, kVarint):
          value.content = message.get_int64();
          break;
        case tag_and_type(4, kFixed64):
          value.content = message.get_double();
          break;
        case tag_and_type(5, kBytes):
          LIVEDATA_RETURN_IF_ERROR(read_array(message.get_message(), value, depth + 1));
          break;
        case tag_and_type(6, kBytes):
          LIVEDATA_RETURN_IF_ERROR(read_map(message.get_message(), value, depth + 1));
          break;
        case tag_and_type(7, kBytes):
          value.content = encoding::base64_encode(view(message.get_view()));
          break;
        default:
          message.skip();
      }
    }
    return {};
  }

  Result<void> read_array(protozero::pbf_reader message, Value& value, int depth) {
    auto& values = value.content.emplace<std::vector<Value>>();
    while (message.next()) {
      if (message.tag_and_type() != tag_and_type(1, kBytes)) {
        message.skip();
        continue;
      }
      LIVEDATA_RETURN_IF_ERROR(num_values_.add());
      LIVEDATA_RETURN_IF_ERROR(read_value(message.get_message(), values.emplace_back(), depth));
    }
    return {};
  }

  Result<void> read_map(protozero::pbf_reader message, Value& value, int depth) {
    auto& members = value.content.emplace<std::vector<Attribute>>();
    while (message.next()) {
      if (message.tag_and_type() == tag_and_type(1, kBytes)) {
        LIVEDATA_RETURN_IF_ERROR(
            read_attribute(message.get_message(), members.emplace_back(), depth));
      } else {
        message.skip();
      }
    }
    return {};
  }

  RecordMapper& mapper_;
  Resource resource_;
  Scope scope_;
  LogRecord record_;
  ValueCount num_values_;
};

}  // namespace

Result<Decoded> decode_protobuf(std::string_view body, const DecodeContext& context) {
  RecordMapper mapper(context);
  try {
    LIVEDATA_RETURN_IF_ERROR(RequestReader(context.limits, mapper)
                                 .read(protozero::pbf_reader(body.data(), body.size())));
  } catch (const protozero::exception& error) {
    return fail(ErrorCode::kInvalidArgument, "the protobuf message is malformed: {}", error.what());
  }
  return mapper.take();
}

}  // namespace livedata::ingest::otlp
