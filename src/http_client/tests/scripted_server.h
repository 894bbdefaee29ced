#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <openssl/ssl.h>

#include "base/mutex.h"

namespace livedata::http_client {

/// A server on a free port of the loopback that asks a function for the bytes of each answer, given
/// the request. With a certificate it speaks TLS. An answer of nothing leaves the request without
/// one. One connection at a time, kept open for further requests unless an answer asks for the end.
class ScriptedServer {
 public:
  using Script = std::function<std::string(const std::string& request)>;

  explicit ScriptedServer(Script script, const std::string& certificate = {},
                          const std::string& key = {})
      : script_(std::move(script)) {
    if (!certificate.empty()) {
      context_ = SSL_CTX_new(TLS_server_method());
      SSL_CTX_use_certificate_chain_file(context_, certificate.c_str());
      SSL_CTX_use_PrivateKey_file(context_, key.c_str(), SSL_FILETYPE_PEM);
    }
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    ::listen(fd_, 10);
    socklen_t size = sizeof(address);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~ScriptedServer() {
    ::shutdown(fd_, SHUT_RDWR);
    {
      const MutexLock lock(mutex_);
      is_over_ = true;
      if (client_ >= 0) ::shutdown(client_, SHUT_RDWR);
    }
    thread_.join();
    ::close(fd_);
    SSL_CTX_free(context_);
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::string url(const std::string& path) const {
    return fmt::format("{}://127.0.0.1:{}{}", context_ == nullptr ? "http" : "https", port_, path);
  }
  [[nodiscard]] int num_connections() {
    const MutexLock lock(mutex_);
    return num_connections_;
  }

 private:
  long receive(SSL* ssl, int fd, char* target, std::size_t size) {
    return ssl == nullptr ? ::recv(fd, target, size, 0)
                          : SSL_read(ssl, target, static_cast<int>(size));
  }

  static std::size_t length_of(const std::string& request) {
    const std::size_t head = request.find("\r\n\r\n");
    if (head == std::string::npos) return std::string::npos;
    const std::size_t at = request.find("Content-Length: ");
    return head + 4 + (at < head ? std::stoul(request.substr(at + 16)) : 0);
  }

  void talk(SSL* ssl, int fd) {
    for (;;) {
      std::string request;
      while (request.size() < length_of(request)) {
        std::string piece(64U * 1024U, '\0');
        const long size = receive(ssl, fd, piece.data(), piece.size());
        if (size <= 0) return;
        request.append(piece, 0, static_cast<std::size_t>(size));
      }
      const std::string answer = script_(request);
      if (ssl != nullptr) {
        SSL_write(ssl, answer.data(), static_cast<int>(answer.size()));
      } else {
        static_cast<void>(!::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL));
      }
      if (answer.find("Connection: close") != std::string::npos) return;
    }
  }

  void serve() {
    for (;;) {
      const int client = ::accept(fd_, nullptr, nullptr);
      if (client < 0) return;
      {
        const MutexLock lock(mutex_);
        if (is_over_) {
          ::close(client);
          return;
        }
        client_ = client;
        ++num_connections_;
      }
      SSL* ssl = nullptr;
      bool is_open = true;
      if (context_ != nullptr) {
        ssl = SSL_new(context_);
        SSL_set_fd(ssl, client);
        is_open = SSL_accept(ssl) == 1;
      }
      if (is_open) talk(ssl, client);
      SSL_free(ssl);
      const MutexLock lock(mutex_);
      client_ = -1;
      ::close(client);
    }
  }

  const Script script_;
  SSL_CTX* context_ = nullptr;
  int fd_ = -1;
  int port_ = 0;
  Mutex mutex_;
  int client_ = -1;
  int num_connections_ = 0;
  bool is_over_ = false;
  std::thread thread_;
};

/// An answer with a length.
inline std::string answer_of(int status, const std::string& body, const std::string& headers = {}) {
  return fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(),
                     headers, body);
}

}  // namespace livedata::http_client
