#include "collect/host/systemd_bus.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <systemd/sd-bus.h>

namespace livedata::collect::host {
namespace {

/// A manager of units behind a socket, which talks D-Bus to whoever connects.
class FakeManager {
 public:
  FakeManager()
      : path_((std::filesystem::path(testing::TempDir()) / "livedata_fake_systemd").string()) {
    std::filesystem::remove(path_);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(static_cast<char*>(address.sun_path), path_.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 4), 0);
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeManager() {
    stop_ = true;
    thread_.join();
    ::close(listener_);
    std::filesystem::remove(path_);
  }
  FakeManager(const FakeManager&) = delete;
  FakeManager& operator=(const FakeManager&) = delete;

  [[nodiscard]] std::string address() const { return "unix:path=" + path_; }
  /// Closes the connection, as a bus that is started anew does.
  void hang_up() { hang_up_ = true; }

 private:
  static int answer(sd_bus_message* message, void* /*data*/, sd_bus_error* /*error*/) {
    if (sd_bus_message_is_method_call(message, "org.freedesktop.systemd1.Manager", "ListUnits") > 0)
      return list(message);
    if (sd_bus_message_is_method_call(message, "org.freedesktop.DBus.Properties", "Get") > 0)
      return sd_bus_reply_method_return(message, "v", "u", 7U);
    return 0;
  }

  static int list(sd_bus_message* message) {
    sd_bus_message* reply = nullptr;
    sd_bus_message_new_method_return(message, &reply);
    sd_bus_message_open_container(reply, 'a', "(ssssssouso)");
    const auto add = [reply](const char* name, const char* active, const char* sub) {
      sd_bus_message_append(reply, "(ssssssouso)", name, "A description", "loaded", active, sub, "",
                            "/org/freedesktop/systemd1/unit/x", 0U, "", "/");
    };
    add("a.service", "active", "running");
    add("b.service", "inactive", "dead");
    add("c.timer", "failed", "failed");
    sd_bus_message_close_container(reply);
    const int sent = sd_bus_send(nullptr, reply, nullptr);
    sd_bus_message_unref(reply);
    return sent < 0 ? sent : 1;
  }

  void serve() {
    sd_bus* bus = nullptr;
    while (!stop_) {
      if (bus == nullptr) {
        pollfd ready{.fd = listener_, .events = POLLIN, .revents = 0};
        if (::poll(&ready, 1, 10) <= 0) continue;
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        sd_id128_t id{};
        sd_id128_randomize(&id);
        sd_bus_new(&bus);
        sd_bus_set_fd(bus, fd, fd);
        sd_bus_set_server(bus, 1, id);
        sd_bus_set_anonymous(bus, 1);
        sd_bus_start(bus);
        sd_bus_add_fallback(bus, nullptr, "/org/freedesktop/systemd1", answer, nullptr);
      }
      const int done = sd_bus_process(bus, nullptr);
      if (done == 0) sd_bus_wait(bus, 10'000);
      if (done < 0 || hang_up_.exchange(false)) {
        sd_bus_close(bus);
        bus = sd_bus_unref(bus);
      }
    }
    if (bus != nullptr) {
      sd_bus_close(bus);
      sd_bus_unref(bus);
    }
  }

  std::string path_;
  int listener_ = -1;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> hang_up_ = false;
  std::thread thread_;
};

TEST(SystemdBusTest, ListsUnitsAndRestarts) {
  const FakeManager manager;
  SystemdBus bus(manager.address());
  const auto units = bus.units(true);
  ASSERT_TRUE(units.has_value());
  ASSERT_EQ(units->size(), 3U);
  EXPECT_EQ((*units)[0].name, "a.service");
  EXPECT_EQ((*units)[0].load, "loaded");
  EXPECT_EQ((*units)[0].active, "active");
  EXPECT_EQ((*units)[0].sub, "running");
  EXPECT_EQ((*units)[0].restarts, 7U);
  EXPECT_FALSE((*units)[1].restarts.has_value());  // not asked for: it does not run
  EXPECT_FALSE((*units)[2].restarts.has_value());
  EXPECT_FALSE((*bus.units(false))[0].restarts.has_value());
}

TEST(SystemdBusTest, ConnectsAgainAfterTheBusWentAway) {
  FakeManager manager;
  SystemdBus bus(manager.address());
  ASSERT_TRUE(bus.units(false).has_value());
  manager.hang_up();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  int rounds = 0;
  while (!bus.units(false) && rounds < 10) ++rounds;
  EXPECT_GT(rounds, 0);
  EXPECT_LT(rounds, 10);
}

TEST(SystemdBusTest, WithoutABusThereIsNothing) {
  SystemdBus bus("unix:path=/no/such/socket");
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(bus.units(true).has_value());
}

}  // namespace
}  // namespace livedata::collect::host
