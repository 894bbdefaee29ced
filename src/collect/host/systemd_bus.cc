#include "collect/host/systemd_bus.h"

#include <dlfcn.h>

#include <systemd/sd-bus.h>

namespace livedata::collect::host {
namespace {

constexpr std::uint64_t kTimeoutMicroseconds = 1'000'000;
constexpr int kRetryRounds = 20;
constexpr std::size_t kMaxUnits = 10'000;
constexpr const char* kService = "org.freedesktop.systemd1";
constexpr const char* kManagerPath = "/org/freedesktop/systemd1";
constexpr const char* kManager = "org.freedesktop.systemd1.Manager";
constexpr const char* kServiceUnit = "org.freedesktop.systemd1.Service";
constexpr const char* kUnitColumns = "ssssssouso";  // org.freedesktop.systemd1(5), ListUnits

}  // namespace

class SystemdBus::Library {
 public:
  /// Null where libsystemd is not installed.
  static std::unique_ptr<Library> load() {
    auto library = std::make_unique<Library>();
    library->handle_ = ::dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
    const bool all = library->handle_ != nullptr && library->find("sd_bus_new", library->create) &&
                     library->find("sd_bus_set_address", library->set_address) &&
                     library->find("sd_bus_start", library->start) &&
                     library->find("sd_bus_open_system", library->open_system) &&
                     library->find("sd_bus_close", library->close) &&
                     library->find("sd_bus_unref", library->unref) &&
                     library->find("sd_bus_set_method_call_timeout", library->set_timeout) &&
                     library->find("sd_bus_call_method", library->call_method) &&
                     library->find("sd_bus_get_property_trivial", library->get_property) &&
                     library->find("sd_bus_message_enter_container", library->enter) &&
                     library->find("sd_bus_message_read", library->read) &&
                     library->find("sd_bus_message_unref", library->unref_message);
    return all ? std::move(library) : nullptr;
  }
  Library() = default;
  ~Library() {
    if (handle_ != nullptr) ::dlclose(handle_);
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  decltype(&::sd_bus_new) create = nullptr;
  decltype(&::sd_bus_set_address) set_address = nullptr;
  decltype(&::sd_bus_start) start = nullptr;
  decltype(&::sd_bus_open_system) open_system = nullptr;
  decltype(&::sd_bus_close) close = nullptr;
  decltype(&::sd_bus_unref) unref = nullptr;
  decltype(&::sd_bus_set_method_call_timeout) set_timeout = nullptr;
  decltype(&::sd_bus_call_method) call_method = nullptr;
  decltype(&::sd_bus_get_property_trivial) get_property = nullptr;
  decltype(&::sd_bus_message_enter_container) enter = nullptr;
  decltype(&::sd_bus_message_read) read = nullptr;
  decltype(&::sd_bus_message_unref) unref_message = nullptr;

 private:
  template <class Function>
  bool find(const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(handle_, name));  // NOLINT: how dlsym(3) is used
    return function != nullptr;
  }

  void* handle_ = nullptr;
};

class SystemdBus::Connection {
 public:
  Connection(Library& library, sd_bus* bus) : library_(library), bus_(bus) {}
  ~Connection() {
    library_.close(bus_);
    library_.unref(bus_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  std::optional<std::vector<UnitState>> list(bool with_restarts) {
    sd_bus_message* answer = nullptr;
    if (library_.call_method(bus_, kService, kManagerPath, kManager, "ListUnits", nullptr, &answer,
                             nullptr) < 0)
      return std::nullopt;
    const auto forget = [this](sd_bus_message* m) { library_.unref_message(m); };
    const std::unique_ptr<sd_bus_message, decltype(forget)> owned(answer, forget);
    std::vector<UnitState> units;
    std::vector<std::string> paths;
    if (library_.enter(answer, 'a', "(ssssssouso)") < 0) return std::nullopt;
    while (units.size() < kMaxUnits && next(answer, units, paths)) {
    }
    for (std::size_t i = 0; with_restarts && i < units.size(); ++i) {
      if (!units[i].name.ends_with(".service") || units[i].active == "inactive") continue;
      std::uint32_t restarts = 0;  // since systemd 235
      if (library_.get_property(bus_, kService, paths[i].c_str(), kServiceUnit, "NRestarts",
                                nullptr, 'u', &restarts) >= 0)
        units[i].restarts = restarts;
    }
    return units;
  }

 private:
  bool next(sd_bus_message* answer, std::vector<UnitState>& units,
            std::vector<std::string>& paths) {
    const char* name = nullptr;
    const char* description = nullptr;
    const char* load = nullptr;
    const char* active = nullptr;
    const char* sub = nullptr;
    const char* follows = nullptr;
    const char* path = nullptr;
    std::uint32_t job = 0;
    const char* job_type = nullptr;
    const char* job_path = nullptr;
    const std::string columns = std::string("(") + kUnitColumns + ")";
    if (library_.read(answer, columns.c_str(), &name, &description, &load, &active, &sub, &follows,
                      &path, &job, &job_type, &job_path) <= 0)
      return false;
    units.push_back(
        {.name = name, .load = load, .active = active, .sub = sub, .restarts = std::nullopt});
    paths.emplace_back(path);
    return true;
  }

  Library& library_;
  sd_bus* bus_;
};

SystemdBus::SystemdBus() = default;
SystemdBus::SystemdBus(std::string address) : address_(std::move(address)) {}
SystemdBus::~SystemdBus() = default;

bool SystemdBus::connect() {
  if (library_ == nullptr) library_ = Library::load();
  if (library_ == nullptr) return false;
  sd_bus* bus = nullptr;
  if (address_.empty()) {
    if (library_->open_system(&bus) < 0) return false;
  } else {
    if (library_->create(&bus) < 0) return false;
    if (library_->set_address(bus, address_.c_str()) < 0 || library_->start(bus) < 0) {
      library_->unref(bus);
      return false;
    }
  }
  library_->set_timeout(bus, kTimeoutMicroseconds);
  connection_ = std::make_unique<Connection>(*library_, bus);
  return true;
}

std::optional<std::vector<UnitState>> SystemdBus::units(bool with_restarts) {
  if (rounds_until_retry_ > 0) {
    --rounds_until_retry_;
    return std::nullopt;
  }
  if (connection_ == nullptr && !connect()) {
    rounds_until_retry_ = kRetryRounds;
    return std::nullopt;
  }
  auto units = connection_->list(with_restarts);
  if (!units) {
    connection_.reset();  // a bus that was started anew knows nothing of us
    rounds_until_retry_ = 1;
  }
  return units;
}

}  // namespace livedata::collect::host
