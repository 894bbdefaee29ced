#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::server {

/// A socket that datagrams are read from, many with one system call. Used by one thread, but for
/// port() and receive_buffer_bytes().
class UdpSocket {
 public:
  /// Asks for a receive buffer of so many bytes; without privileges the system's bound
  /// (net.core.rmem_max) holds. kAlreadyExists: the port is in use.
  static Result<std::unique_ptr<UdpSocket>> bind(const std::string& host, std::uint16_t port,
                                                 int receive_buffer_bytes);
  ~UdpSocket();
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  using Visit = std::function<void(std::string_view datagram, std::string_view peer)>;
  /// Visits what is there. Waits for a quarter of a second if there is nothing, unless told
  /// otherwise. Returns the number of datagrams.
  enum class When { kWait, kNow };
  std::size_t receive(When when, const Visit& visit);

  /// Datagrams that the kernel had to drop since the socket was made.
  std::uint64_t num_dropped();
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// What the kernel granted, in its own counting (twice what is asked for).
  [[nodiscard]] int receive_buffer_bytes() const { return receive_buffer_bytes_; }

 private:
  struct Buffers;
  explicit UdpSocket(int socket);
  void ask_for_buffer(int bytes);
  void note_dropped(std::uint32_t total);
  std::string_view peer_of(std::size_t message);

  const int socket_;
  std::uint16_t port_ = 0;
  int receive_buffer_bytes_ = 0;
  std::unique_ptr<Buffers> buffers_;
  std::string last_address_;  // raw
  std::string last_peer_;     // the same for people
  std::uint32_t kernel_count_ = 0;
  std::uint64_t num_dropped_ = 0;
};

}  // namespace livedata::server
