#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/logger.h"
#include "base/mutex.h"
#include "ingest/writer.h"
#include "model/tenant_id.h"
#include "server/http/message.h"
#include "tenant/token_bucket.h"

namespace livedata::server {

/// The tenant that holds who did what in all of them. No identity may name it.
TenantId audit_tenant();

/// Keeps who changed what, who signed in and out, and whom nothing was given, as records of a
/// tenant that nobody can write to or delete from: the label `tenant` says whose they are; name,
/// proof, address, action, path, outcome and status are fields. Of refusals ten a second are kept,
/// so that nobody fills the disk by asking. What can't be written is told in the log, and stops
/// nobody. Thread-safe.
class AuditLog {
 public:
  /// References must outlive the object.
  AuditLog(ingest::Writer& writer, const Clock& clock, Logger& logger);

  /// Of a request that was answered; most are of no interest.
  void see(const Request& request, std::string_view route_path, int status)
      LIVEDATA_EXCLUDES(mutex_);

 private:
  void note(const Request& request, std::string_view route_path, int status);

  ingest::Writer& writer_;
  const Clock& clock_;
  Logger& logger_;
  Mutex mutex_;
  tenant::TokenBucket refusals_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::server
