#include "server/api/audit_log.h"

#include "model/service_name.h"
#include "server/api/permissions.h"

namespace livedata::server {
namespace {

constexpr std::string_view kService = "livedata-audit";
constexpr std::string_view kSessions = "/api/v1/session";
constexpr tenant::Rate kRefusals{.per_second = 10, .burst = 100};

bool is_refusal(int status) { return status == 401 || status == 403; }

std::string_view outcome_of(int status) {
  if (status < 400) return "done";
  return is_refusal(status) ? "refused" : "failed";
}

bool changes_something(const Request& request, std::string_view route_path) {
  if (request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS")
    return false;
  if (route_path == kSessions) return true;
  const RoutePermission* row = find_permission(request.method, route_path);
  return row == nullptr || row->needed == tenant::Permission::kAdminister;
}

}  // namespace

TenantId audit_tenant() { return *TenantId::parse("_audit"); }

AuditLog::AuditLog(ingest::Writer& writer, const Clock& clock, Logger& logger)
    : writer_(writer), clock_(clock), logger_(logger), refusals_(kRefusals, clock.steady_now()) {}

void AuditLog::see(const Request& request, std::string_view route_path, int status) {
  if (is_refusal(status)) {
    const MutexLock lock(mutex_);
    if (!refusals_.take(1, clock_.steady_now())) return;
  } else if (!changes_something(request, route_path)) {
    return;
  }
  note(request, route_path, status);
}

void AuditLog::note(const Request& request, std::string_view route_path, int status) {
  const tenant::Identity& who = request.identity;
  Labels labels;
  labels.set(kServiceNameLabel, kService);
  labels.set("tenant", who.tenant.text());
  const std::string action = request.method + " " + std::string(route_path);
  const std::string line = fmt::format("{} {}: {}", who.name, action, outcome_of(status));
  const std::vector<Field> fields = {{"name", std::string_view(who.name)},
                                     {"proof", name(who.proof)},
                                     {"address", std::string_view(request.peer)},
                                     {"action", std::string_view(action)},
                                     {"path", std::string_view(request.path)},
                                     {"outcome", outcome_of(status)},
                                     {"status", std::int64_t{status}}};
  RecordBatch batch;
  batch.add(batch.add_stream(std::move(labels)), clock_.now(), line, fields);
  if (const auto written = writer_.write(audit_tenant(), std::move(batch), "audit"); !written)
    logger_.error("the audit log lacks '{}': {}", line, written.error().message);
}

}  // namespace livedata::server
