#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace livedata::server::grpc {

/// In order; names in lower case, with HTTP/2's pseudo-headers such as ":path".
using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// The value of the first header of that name; "" if absent.
std::string_view find_header(const HeaderList& headers, std::string_view name);

/// Identifies a request on its connection.
using StreamNumber = std::int32_t;

/// The server's side of an HTTP/2 connection (RFC 9113), without its socket: what was received goes
/// in and requests come out, answers go in and what is to be sent comes out. All of nghttp2 is
/// behind this class. Not thread-safe.
class Http2Session {
 public:
  /// What the peer does. The methods may answer and reset, but not receive or write.
  class Events {
   public:
    virtual ~Events() = default;
    virtual void on_headers(StreamNumber stream, HeaderList headers) = 0;
    virtual void on_data(StreamNumber stream, std::string_view bytes) = 0;
    /// The request is complete.
    virtual void on_end(StreamNumber stream) = 0;
    /// Answered or reset: the number means nothing any more. Does not come for what is open when
    /// the session ends.
    virtual void on_close(StreamNumber stream) = 0;
  };

  /// `events` must outlive the session.
  explicit Http2Session(Events& events);
  ~Http2Session();
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  /// An error is the end of the connection; what write() still has says why.
  Result<void> receive(std::string_view bytes);
  /// Appends what is to be sent next, at most some 64 KiB; nothing if there is nothing.
  Result<void> write(std::string& out);

  /// An answer with a body and trailers; without both the headers are all of it. If the request is
  /// not complete yet, the rest of it is refused. Precondition: the stream is not closed.
  void answer(StreamNumber stream, const HeaderList& headers, std::string body,
              HeaderList trailers);
  /// Tells the peer to send no further requests; open ones go on.
  void go_away();
  /// Whether there is nothing left to receive and to send.
  [[nodiscard]] bool is_done() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace livedata::server::grpc
