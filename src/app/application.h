#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "config/config.h"

namespace livedata {

class Doors;

/// The version of this build.
std::string_view version();

/// Where the data is, if the configuration does not say: /var/lib/livedata for root, else
/// $XDG_DATA_HOME/livedata or ~/.local/share/livedata.
std::string default_data_folder();

/// Composition root: builds everything in order, and stops it in reverse.
class Application {
 public:
  static Result<std::unique_ptr<Application>> start(const Config& config);
  /// Stops what start() started; stop() tells of failures.
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  /// Stops serving and collecting, then writes what is in memory into segments. Idempotent.
  Result<void> stop();

  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::uint16_t port() const;
  /// What is open beside HTTP.
  [[nodiscard]] const Doors& doors() const;
  [[nodiscard]] const std::string& data_folder() const;

 private:
  class Parts;
  explicit Application(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace livedata
