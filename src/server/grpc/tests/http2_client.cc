#include "server/grpc/tests/http2_client.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "server/grpc/message.h"

namespace livedata::server::grpc {

Http2Client::Http2Client() {
  nghttp2_session_callbacks* callbacks = nullptr;
  LIVEDATA_CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
  nghttp2_session_callbacks_set_on_header_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                    std::uint8_t, void* self) {
        static_cast<Http2Client*>(self)->responses_[frame->hd.stream_id].headers.emplace_back(
            std::string(reinterpret_cast<const char*>(name), name_size),
            std::string(reinterpret_cast<const char*>(value), value_size));
        return 0;
      });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      callbacks, [](nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes,
                    std::size_t size, void* self) {
        static_cast<Http2Client*>(self)->responses_[stream].body.append(
            reinterpret_cast<const char*>(bytes), size);
        return 0;
      });
  nghttp2_session_callbacks_set_on_stream_close_callback(
      callbacks, [](nghttp2_session*, std::int32_t stream, std::uint32_t error, void* self) {
        Response& response = static_cast<Http2Client*>(self)->responses_[stream];
        response.is_closed = true;
        response.error = error;
        return 0;
      });
  LIVEDATA_CHECK(nghttp2_session_client_new(&session_, callbacks, this) == 0);
  nghttp2_session_callbacks_del(callbacks);
  LIVEDATA_CHECK(nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0) == 0);
}

Http2Client::~Http2Client() { nghttp2_session_del(session_); }

ssize_t Http2Client::read_body(nghttp2_session* /*session*/, std::int32_t stream,
                               std::uint8_t* buffer, std::size_t size, std::uint32_t* flags,
                               nghttp2_data_source* /*source*/, void* user_data) {
  Body& body = static_cast<Http2Client*>(user_data)->bodies_[stream];
  const std::size_t count = std::min(size, body.bytes.size() - body.sent);
  if (count == 0 && !body.ends) return NGHTTP2_ERR_DEFERRED;
  std::memcpy(buffer, body.bytes.data() + body.sent, count);
  body.sent += count;
  if (body.sent == body.bytes.size() && body.ends) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(count);
}

StreamNumber Http2Client::request(const HeaderList& headers, std::string body, bool ends) {
  std::vector<nghttp2_nv> list;
  for (const auto& [name, value] : headers) {
    const auto bytes = [](const std::string& text) {
      return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
    };
    list.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  const nghttp2_data_provider provider{{0}, &read_body};
  const StreamNumber stream =
      nghttp2_submit_request(session_, nullptr, list.data(), list.size(), &provider, nullptr);
  bodies_[stream] = {std::move(body), 0, ends};
  return stream;
}

StreamNumber Http2Client::call(const std::string& path, std::string_view message, HeaderList more) {
  HeaderList headers = {{":method", "POST"}, {":scheme", "http"},
                        {":path", path},     {":authority", "localhost"},
                        {"te", "trailers"},  {"content-type", "application/grpc"}};
  headers.insert(headers.end(), more.begin(), more.end());
  return request(headers, frame_message(message));
}

void Http2Client::reset(StreamNumber stream) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
}

std::string Http2Client::write() {
  std::string out;
  const std::uint8_t* bytes = nullptr;
  while (true) {
    const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
    if (size <= 0) return out;
    out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  }
}

bool Http2Client::receive(std::string_view bytes) {
  return nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                  bytes.size()) == static_cast<ssize_t>(bytes.size());
}

}  // namespace livedata::server::grpc
