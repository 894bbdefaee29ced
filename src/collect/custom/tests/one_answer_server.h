#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace livedata::collect::custom {

/// A server on a free port of the loopback that gives every connection the same bytes, once it has
/// read the request's header. An answer of nothing keeps the connection open.
class OneAnswerServer {
 public:
  explicit OneAnswerServer(std::string answer) : answer_(std::move(answer)) {
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
  ~OneAnswerServer() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
    for (const int fd : held_) ::close(fd);
  }
  OneAnswerServer(const OneAnswerServer&) = delete;
  OneAnswerServer& operator=(const OneAnswerServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  void set_answer(std::string answer) {
    const MutexLock lock(mutex_);
    answer_ = std::move(answer);
  }
  [[nodiscard]] std::string last_request() {
    const MutexLock lock(mutex_);
    return request_;
  }

 private:
  void serve() {
    for (;;) {
      const int client = ::accept(fd_, nullptr, nullptr);
      if (client < 0) return;
      std::string request;
      char byte = 0;
      while (!request.ends_with("\r\n\r\n") && ::recv(client, &byte, 1, 0) == 1) request += byte;
      const MutexLock lock(mutex_);
      request_ = request;
      if (answer_.empty()) {
        held_.push_back(client);
        continue;
      }
      static_cast<void>(!::send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL));
      ::close(client);
    }
  }

  Mutex mutex_;
  std::string answer_;
  std::string request_;
  std::vector<int> held_;
  int fd_ = -1;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace livedata::collect::custom
