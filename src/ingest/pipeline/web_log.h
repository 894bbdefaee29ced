#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/pipeline/record.h"
#include "ingest/pipeline/run.h"
#include "ingest/pipeline/time/zone.h"

namespace livedata::ingest::pipeline {

/// A line in the Common Log Format that nginx, Apache and many others write:
/// `host ident user [time] "request" status bytes`, in the combined format with `"referer" "agent"`
/// behind it, and often more. Parts point into the line; "-" is "".
struct AccessLine {
  std::string_view host;
  std::string_view user;
  std::string_view time;
  std::string_view request;
  std::string_view status;
  std::string_view bytes;
  std::string_view referer;
  std::string_view agent;
};
std::optional<AccessLine> parse_access_line(std::string_view line);

/// A line of an error log: of nginx `2026/01/02 03:04:05 [error] 12#34: *56 text, client: ...`, of
/// Apache `[Fri Jan 02 03:04:05.678901 2026] [core:error] [pid 12:tid 34] [client ...] text`.
struct ErrorLine {
  std::string_view time;
  std::string_view module;
  std::string_view level;
  std::string_view pid;
  std::string_view tid;
  std::string_view connection;
  std::string_view client;
  std::string_view text;
  std::string_view details;  ///< nginx: `client: 1.2.3.4, server: x, request: "..."`
};
std::optional<ErrorLine> parse_nginx_error(std::string_view line);
std::optional<ErrorLine> parse_apache_error(std::string_view line);

/// Takes `name: value` pairs from the front of nginx's details. False at the end.
bool next_detail(std::string_view& details, std::string_view& name, std::string_view& value);

}  // namespace livedata::ingest::pipeline
