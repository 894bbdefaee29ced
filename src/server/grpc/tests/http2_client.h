#pragma once

#include <map>
#include <string>
#include <string_view>

#include <nghttp2/nghttp2.h>

#include "server/grpc/http2_session.h"

namespace livedata::server::grpc {

/// The client's side of an HTTP/2 connection for tests, without a socket.
class Http2Client {
 public:
  struct Response {
    HeaderList headers;  ///< and trailers, behind each other
    std::string body;
    bool is_closed = false;
    std::uint32_t error = 0;

    [[nodiscard]] std::string_view header(std::string_view name) const {
      return find_header(headers, name);
    }
  };

  Http2Client();
  ~Http2Client();
  Http2Client(const Http2Client&) = delete;
  Http2Client& operator=(const Http2Client&) = delete;

  /// Sends a request; without `ends` its body stays open behind what is given.
  StreamNumber request(const HeaderList& headers, std::string body, bool ends = true);
  /// A request of gRPC with one message, not compressed.
  StreamNumber call(const std::string& path, std::string_view message, HeaderList more = {});
  void reset(StreamNumber stream);

  /// What is to be sent.
  std::string write();
  /// False: the server breaks the protocol.
  bool receive(std::string_view bytes);
  const Response& response(StreamNumber stream) { return responses_[stream]; }

 private:
  struct Body {
    std::string bytes;
    std::size_t sent = 0;
    bool ends = true;
  };

  static ssize_t read_body(nghttp2_session* session, std::int32_t stream, std::uint8_t* buffer,
                           std::size_t size, std::uint32_t* flags, nghttp2_data_source* source,
                           void* user_data);

  nghttp2_session* session_ = nullptr;
  std::map<StreamNumber, Body> bodies_;
  std::map<StreamNumber, Response> responses_;
};

}  // namespace livedata::server::grpc
