#include "app/listen_address.h"

#include "server/net/listen_address.h"

namespace livedata {

Result<ListenAddress> listen_address(const std::string& text, bool says_who_they_are,
                                     std::string_view remedy) {
  LIVEDATA_TRY(auto address, server::parse_listen_address(text));
  if (!server::is_loopback(address.first) && !says_who_they_are) {
    return fail(ErrorCode::kInvalidArgument,
                "{} can be reached by other machines, and {}listen on 127.0.0.1, or add "
                "--allow-unauthenticated if the network is trusted",
                text, remedy);
  }
  return ListenAddress{std::move(address.first), address.second};
}

std::string authority(const std::string& host, std::uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

}  // namespace livedata
