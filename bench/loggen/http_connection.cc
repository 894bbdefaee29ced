#include "loggen/http_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

namespace livedata::loggen {

HttpConnection::~HttpConnection() { close(); }

void HttpConnection::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  buffer_.clear();
}

Result<void> HttpConnection::connect() {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd_ < 0 || ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
                     0) {  // NOLINT: how sockets are used
    close();
    return fail(ErrorCode::kUnavailable, "nobody listens on port {}", port_);
  }
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return {};
}

Result<void> HttpConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return fail(ErrorCode::kUnavailable, "the connection broke");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<HttpConnection::Reply> HttpConnection::receive() {
  std::size_t header_end = std::string::npos;
  std::size_t length = 0;
  Reply reply;
  for (;;) {
    if (header_end == std::string::npos &&
        (header_end = buffer_.find("\r\n\r\n")) != std::string::npos) {
      reply.status = std::atoi(buffer_.c_str() + std::string_view("HTTP/1.1 ").size());
      const std::size_t at = buffer_.find("Content-Length: ");
      if (at < header_end) length = static_cast<std::size_t>(std::atoll(buffer_.c_str() + at + 16));
      header_end += 4;
    }
    if (header_end != std::string::npos && buffer_.size() >= header_end + length) break;
    char chunk[65536];
    const ssize_t n = ::recv(fd_, chunk, sizeof chunk, 0);
    if (n <= 0) return fail(ErrorCode::kUnavailable, "the connection broke");
    buffer_.append(chunk, static_cast<std::size_t>(n));
  }
  reply.body = buffer_.substr(header_end, length);
  buffer_.erase(0, header_end + length);
  return reply;
}

Result<HttpConnection::Reply> HttpConnection::request(std::string_view method,
                                                      std::string_view target,
                                                      std::string_view content_type,
                                                      std::string_view body) {
  if (fd_ < 0) LIVEDATA_RETURN_IF_ERROR(connect());
  std::string head = fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n",
                                 method, target, body.size());
  if (!content_type.empty()) head += fmt::format("Content-Type: {}\r\n", content_type);
  head += "\r\n";
  Result<void> sent = send(head);
  if (sent) sent = send(body);
  Result<Reply> reply = sent ? receive() : Result<Reply>(fail(sent.error()));
  if (!reply) close();
  return reply;
}

}  // namespace livedata::loggen
