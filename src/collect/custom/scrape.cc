#include "collect/custom/scrape.h"

#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include "collect/custom/http_answer.h"

namespace livedata::collect::custom {
namespace {

constexpr std::size_t kPiece = 64U * 1024U;
constexpr auto kLong = std::chrono::hours(24);

std::string message_of(int error) { return std::generic_category().message(error); }

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Result<Addresses> look_up(const HttpUrl& url) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(url.host.c_str(), url.port.c_str(), &hints, &list);
  if (error != 0)
    return fail(ErrorCode::kUnavailable, "the name {} is not known: {}", url.host,
                ::gai_strerror(error));
  return Addresses(list);
}

class Connection {
 public:
  explicit Connection(const WorkLimit& limit) : limit_(limit) {}
  ~Connection() { close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// To the first of the addresses that takes it.
  Result<void> open(const HttpUrl& url) {
    LIVEDATA_TRY(const Addresses addresses, look_up(url));
    Result<void> outcome = fail(ErrorCode::kUnavailable, "{} has no address", url.host);
    for (const addrinfo* address = addresses.get(); address != nullptr;
         address = address->ai_next) {
      outcome = connect(*address, url);
      if (outcome || outcome.error().code != ErrorCode::kUnavailable) return outcome;
    }
    return outcome;
  }

  Result<void> send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t size = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (size >= 0) {
        text.remove_prefix(static_cast<std::size_t>(size));
      } else if (errno == EAGAIN) {
        LIVEDATA_RETURN_IF_ERROR(wait_for(POLLOUT));
      } else if (errno != EINTR) {
        return broke();
      }
    }
    return {};
  }

  /// The next bytes, none at the end.
  Result<std::string_view> receive() {
    for (;;) {
      const ssize_t size = ::recv(fd_, piece_.data(), piece_.size(), 0);
      if (size >= 0) return std::string_view(piece_.data(), static_cast<std::size_t>(size));
      if (errno == EAGAIN) {
        LIVEDATA_RETURN_IF_ERROR(wait_for(POLLIN));
      } else if (errno != EINTR) {
        return broke();
      }
    }
  }

 private:
  static tl::unexpected<Error> broke() {
    return fail(ErrorCode::kUnavailable, "the connection broke: {}", message_of(errno));
  }

  Result<void> connect(const addrinfo& address, const HttpUrl& url) {
    close();
    fd_ = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int error = fd_ < 0 ? errno : 0;
    if (error == 0 && ::connect(fd_, address.ai_addr, address.ai_addrlen) != 0) error = errno;
    if (error == EINPROGRESS) {
      LIVEDATA_RETURN_IF_ERROR(wait_for(POLLOUT));
      socklen_t size = sizeof(error);
      if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    }
    if (error == 0) return {};
    return fail(ErrorCode::kUnavailable, "nobody answers at {}: {}", url.authority,
                message_of(error));
  }

  Result<void> wait_for(short events) const {
    std::array<pollfd, 2> fds = {{{.fd = fd_, .events = events, .revents = 0}, {}}};
    do {
      LIVEDATA_RETURN_IF_ERROR(limit_.wait(fds, kLong));
    } while (fds[0].revents == 0);
    return {};
  }

  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  const WorkLimit& limit_;
  int fd_ = -1;
  std::array<char, kPiece> piece_{};
};

/// What is asked for, and the headers of one's own.
std::vector<http_client::Header> headers_of(const ScrapeRequest& request) {
  // No protobuf, nothing compressed; and rather the older text, which has no _created series.
  std::vector<http_client::Header> headers = {
      {"Accept",
       "text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.4,*/*;q=0.1"},
      {"Accept-Encoding", "identity"},
      {"X-Prometheus-Scrape-Timeout-Seconds",
       fmt::format("{}", std::chrono::duration<double>(request.timeout).count())}};
  for (const auto& [name, value] : request.headers) headers.push_back({name, value});
  return headers;
}

std::string request_text(const ScrapeRequest& request) {
  std::string text =
      fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: livedata\r\nConnection: close\r\n",
                  request.url.target, request.url.authority);
  for (const http_client::Header& header : headers_of(request)) {
    text += header.name;
    text += ": ";
    text += header.value;
    text += "\r\n";
  }
  text += "\r\n";
  return text;
}

tl::unexpected<Error> wrong_status(const ScrapeRequest& request, int status) {
  return fail(ErrorCode::kUnavailable, "{}{} answers with status {}", request.url.authority,
              request.url.target, status);
}

Result<std::string> scrape_securely(const ScrapeRequest& request, const WorkLimit& limit) {
  LIVEDATA_TRY(auto answer,
               request.secure_transport->send(
                   {.url = fmt::format("https://{}{}", request.url.authority, request.url.target),
                    .headers = headers_of(request),
                    .max_answer_bytes = request.max_body_bytes,
                    .stop_fd = limit.stop.fd()},
                   Deadline(limit.deadline)));
  if (answer.status != 200) return wrong_status(request, answer.status);
  return std::move(answer.body);
}

}  // namespace

Result<std::string> scrape(const ScrapeRequest& request, const WorkLimit& limit) {
  if (request.secure_transport != nullptr) return scrape_securely(request, limit);
  Connection connection(limit);
  LIVEDATA_RETURN_IF_ERROR(connection.open(request.url));
  LIVEDATA_RETURN_IF_ERROR(connection.send(request_text(request)));
  HttpAnswer answer(request.max_body_bytes);
  while (!answer.is_complete()) {
    LIVEDATA_TRY(const std::string_view bytes, connection.receive());
    if (bytes.empty()) {
      LIVEDATA_RETURN_IF_ERROR(answer.end());
    } else {
      LIVEDATA_RETURN_IF_ERROR(answer.feed(bytes));
    }
  }
  if (answer.status() != 200) return wrong_status(request, answer.status());
  return answer.take_body();
}

}  // namespace livedata::collect::custom
