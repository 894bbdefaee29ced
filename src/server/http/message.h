#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "model/tenant_scope.h"
#include "server/http/body_source.h"
#include "server/http/event_stream.h"
#include "tenant/identity.h"

namespace livedata::server {

/// Decoded name=value pairs of a query string or form body, in order; names may repeat.
class Parameters {
 public:
  /// Percent-decoding and '+' as space. Bad escapes are kept as they stand.
  static Parameters parse(std::string_view encoded);

  /// The first value of a name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] std::string_view get(std::string_view name) const {
    return find(name).value_or(std::string_view());
  }
  [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& pairs() const {
    return pairs_;
  }
  void append(Parameters more);

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

std::string percent_decode(std::string_view encoded);

struct Request {
  std::string method;
  std::string path;       ///< decoded
  Parameters query;       ///< of the query string
  Parameters parameters;  ///< the same and, for a form POST, those of the body
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;
  Deadline deadline;                   ///< cancelled when the client goes away
  std::chrono::nanoseconds queued{0};  ///< how long it has waited for a thread
  bool is_upgrade = false;             ///< the client asks for a WebSocket
  std::string peer;                    ///< the client's address
  /// Who asks; settled before a handler sees the request.
  tenant::Identity identity = tenant::Identity::anyone();

  /// A header by its lower-case name; "" if absent.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  /// What the client may see.
  [[nodiscard]] TenantScope scope() const { return {identity.tenant, identity.streams}; }
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::string_view static_body;  ///< used when not empty; lives as long as the program
  std::vector<std::pair<std::string, std::string>> headers;
  /// Set: instead of a body its events follow, as WebSocket messages if the client has asked for
  /// one, else as server-sent events.
  std::shared_ptr<EventStream> events;
  /// Set: the body is what this gives.
  std::shared_ptr<BodySource> source;

  static Response text(int status, std::string body);
  static Response json(std::string body);
  /// The error's status and message as plain text, as Loki answers.
  static Response from(const Error& error);
};

}  // namespace livedata::server
