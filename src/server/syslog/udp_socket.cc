#include "server/syslog/udp_socket.h"

#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace livedata::server {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kMaxDatagram = 65536;  // more than UDP can carry
constexpr int kWaitMilliseconds = 250;

/// An address of either family, as the system calls take it.
struct Address {
  sockaddr_storage bytes{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&bytes); }
  [[nodiscard]] std::uint16_t port() const {
    return ntohs(bytes.ss_family == AF_INET6
                     ? reinterpret_cast<const sockaddr_in6&>(bytes).sin6_port
                     : reinterpret_cast<const sockaddr_in&>(bytes).sin_port);
  }
};

Result<Address> parse_address(const std::string& host, std::uint16_t port) {
  Address out;
  auto& v4 = reinterpret_cast<sockaddr_in&>(out.bytes);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out.bytes);
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    out.size = sizeof v4;
  } else if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    out.size = sizeof v6;
  } else {
    return fail(ErrorCode::kInvalidArgument, "'{}' is not an IP address", host);
  }
  return out;
}

std::string last_error() { return std::generic_category().message(errno); }

}  // namespace

/// For recvmmsg(). Only the pages that datagrams have touched are in memory.
struct UdpSocket::Buffers {
  std::unique_ptr<char[]> bytes = std::make_unique_for_overwrite<char[]>(kBatch * kMaxDatagram);
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> parts{};
  std::array<sockaddr_storage, kBatch> addresses{};
  struct alignas(cmsghdr) Control {
    std::array<char, CMSG_SPACE(sizeof(std::uint32_t))> bytes{};
  };
  std::array<Control, kBatch> controls{};

  void prepare() {
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts[i] = {bytes.get() + i * kMaxDatagram, kMaxDatagram};
      msghdr& header = messages[i].msg_hdr;
      header = {};
      header.msg_name = &addresses[i];
      header.msg_namelen = sizeof(sockaddr_storage);
      header.msg_iov = &parts[i];
      header.msg_iovlen = 1;
      header.msg_control = controls[i].bytes.data();
      header.msg_controllen = controls[i].bytes.size();
    }
  }
};

UdpSocket::UdpSocket(int socket) : socket_(socket), buffers_(std::make_unique<Buffers>()) {}
UdpSocket::~UdpSocket() { ::close(socket_); }

Result<std::unique_ptr<UdpSocket>> UdpSocket::bind(const std::string& host, std::uint16_t port,
                                                   int receive_buffer_bytes) {
  LIVEDATA_TRY(Address address, parse_address(host, port));
  const int descriptor = ::socket(address.bytes.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0)
    return fail(ErrorCode::kUnavailable, "can't make a UDP socket: {}", last_error());
  std::unique_ptr<UdpSocket> socket(
      new UdpSocket(descriptor));  // NOLINT: the constructor is private
  socket->ask_for_buffer(receive_buffer_bytes);
  if (::bind(descriptor, address.get(), address.size) != 0) {
    const bool in_use = errno == EADDRINUSE;
    return fail(in_use ? ErrorCode::kAlreadyExists : ErrorCode::kUnavailable,
                "can't listen for datagrams on {}:{}: {}", host, port, last_error());
  }
  ::getsockname(descriptor, address.get(), &address.size);
  socket->port_ = address.port();
  return socket;
}

void UdpSocket::ask_for_buffer(int bytes) {
  const auto set = [this](int option, int value) {
    return ::setsockopt(socket_, SOL_SOCKET, option, &value, sizeof value) == 0;
  };
  // Beyond net.core.rmem_max goes only who has CAP_NET_ADMIN.
  if (!set(SO_RCVBUFFORCE, bytes)) static_cast<void>(set(SO_RCVBUF, bytes));
  static_cast<void>(set(SO_RXQ_OVFL, 1));
  socklen_t size = sizeof receive_buffer_bytes_;
  ::getsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes_, &size);
}

std::size_t UdpSocket::receive(When when, const Visit& visit) {
  buffers_->prepare();
  int received = ::recvmmsg(socket_, buffers_->messages.data(), kBatch, MSG_DONTWAIT, nullptr);
  if (received <= 0) {
    if (when == When::kNow) return 0;
    pollfd readable{socket_, POLLIN, 0};
    if (::poll(&readable, 1, kWaitMilliseconds) <= 0) return 0;
    received = ::recvmmsg(socket_, buffers_->messages.data(), kBatch, MSG_DONTWAIT, nullptr);
  }
  for (int i = 0; i < received; ++i) {
    const auto index = static_cast<std::size_t>(i);
    mmsghdr& message = buffers_->messages[index];
    for (cmsghdr* control = CMSG_FIRSTHDR(&message.msg_hdr); control != nullptr;
         control = CMSG_NXTHDR(&message.msg_hdr, control)) {
      if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SO_RXQ_OVFL) continue;
      std::uint32_t total = 0;
      std::memcpy(&total, CMSG_DATA(control), sizeof total);
      note_dropped(total);
    }
    visit({buffers_->bytes.get() + index * kMaxDatagram, message.msg_len}, peer_of(index));
  }
  return received < 0 ? 0 : static_cast<std::size_t>(received);
}

std::string_view UdpSocket::peer_of(std::size_t message) {
  const sockaddr_storage& address = buffers_->addresses[message];
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto read = [&](const auto& from) {
    const std::string_view raw(reinterpret_cast<const char*>(&from), sizeof from);
    if (raw == last_address_ && !last_peer_.empty()) return;
    last_address_ = raw;
    ::inet_ntop(address.ss_family, &from, text.data(), text.size());
    last_peer_ = text.data();
  };
  if (address.ss_family == AF_INET6) {
    read(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  } else {
    read(reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  }
  return last_peer_;
}

/// The kernel's number has 32 bits and comes by two ways: with each datagram as of when that was
/// queued (SO_RXQ_OVFL), and on request as of now (SO_MEMINFO). So it may be behind, and it wraps.
void UdpSocket::note_dropped(std::uint32_t total) {
  const std::uint32_t more = total - kernel_count_;
  if (more == 0 || more >= 1U << 31U) return;
  num_dropped_ += more;
  kernel_count_ = total;
}

std::uint64_t UdpSocket::num_dropped() {
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t size = sizeof memory;
  if (::getsockopt(socket_, SOL_SOCKET, SO_MEMINFO, memory.data(), &size) == 0 &&
      size > SK_MEMINFO_DROPS * sizeof(std::uint32_t))
    note_dropped(memory[SK_MEMINFO_DROPS]);
  return num_dropped_;
}

}  // namespace livedata::server
