#include "server/api/native/audit_routes.h"

#include "server/api/audit_log.h"
#include "server/api/loki/answer.h"
#include "server/api/parameters.h"

namespace livedata::server::native {
namespace {

Result<std::string> answer(const Request& request, const ApiContext& context) {
  Parameters parameters = request.parameters;
  parameters.append(Parameters::parse("query={tenant=~\".%2B\"}"));
  LIVEDATA_TRY(auto query, parse_range_query(parameters, context.clock.now(), context.limits));
  query.text = "{tenant=~\".+\"}";
  LIVEDATA_TRY(LabelMatcher own,
               LabelMatcher::make("tenant", MatchOp::kEqual, request.identity.tenant.text()));
  const TenantScope scope(audit_tenant(), {std::move(own)});
  LIVEDATA_TRY(
      const auto found,
      context.engine.range(scope, query, request.deadline.until(context.limits.query_timeout)));
  return loki::encode_answer(found, loki::LabelForm::kFolded);
}

}  // namespace

void add_audit_routes(const ApiContext& context, Router& router) {
  router.add(
      "GET", "/api/v1/audit",
      [context](const Request& request) {
        auto json = answer(request, context);
        return json ? Response::json(*std::move(json)) : Response::from(json.error());
      },
      Lane::kQuery);
}

}  // namespace livedata::server::native
