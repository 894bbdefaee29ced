#include "collect/host/tcp_diag.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <vector>

namespace livedata::collect::host {
namespace {

constexpr std::size_t kBuffer = 32U * 1024U;

class Socket {
 public:
  Socket() : fd_(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)) {
    const timeval second{.tv_sec = 1, .tv_usec = 0};  // never wait for ever
    if (fd_ >= 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
  }
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

bool ask(int fd, std::uint8_t family) {
  struct Question {
    nlmsghdr header{};
    inet_diag_req_v2 body{};
  } question;
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  question.body.sdiag_family = family;
  question.body.sdiag_protocol = IPPROTO_TCP;
  question.body.idiag_states = 0xFFFFFFFFU;
  return ::send(fd, &question, sizeof question, 0) == static_cast<ssize_t>(sizeof question);
}

enum class Answer { kMore, kEnd, kError };

Answer count(std::span<const char> datagram, TcpStates& states) {
  while (datagram.size() >= sizeof(nlmsghdr)) {
    nlmsghdr header{};
    std::memcpy(&header, datagram.data(), sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size())
      return Answer::kError;
    if (header.nlmsg_type == NLMSG_DONE) return Answer::kEnd;
    if (header.nlmsg_type == NLMSG_ERROR) return Answer::kError;
    inet_diag_msg message{};
    if (header.nlmsg_len >= sizeof header + sizeof message) {
      std::memcpy(&message, datagram.data() + sizeof header, sizeof message);
      if (message.idiag_state < TcpStates::kStates) ++states.count[message.idiag_state];
    }
    datagram =
        datagram.subspan(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), datagram.size()));
  }
  return Answer::kMore;
}

bool count_family(int fd, std::uint8_t family, TcpStates& states) {
  if (!ask(fd, family)) return false;
  std::vector<char> buffer(kBuffer);
  for (;;) {
    const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    const Answer answer = count(std::span(buffer.data(), static_cast<std::size_t>(size)), states);
    if (answer != Answer::kMore) return answer == Answer::kEnd;
  }
}

}  // namespace

std::optional<TcpStates> count_tcp_states() {
  const Socket socket;
  TcpStates states;
  if (socket.fd() < 0 || !count_family(socket.fd(), AF_INET, states)) return std::nullopt;
  // A kernel without IPv6 refuses the second question; the first one's answer stands.
  const TcpStates v4 = states;
  return count_family(socket.fd(), AF_INET6, states) ? states : v4;
}

}  // namespace livedata::collect::host
