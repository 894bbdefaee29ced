#include <algorithm>
#include <atomic>
#include <memory>
#include <random>

#include "base/hash.h"
#include "encoding/base64.h"
#include "ingest/elastic/bulk.h"
#include "server/api/elastic/answer.h"
#include "server/api/elastic/routes.h"
#include "server/api/push.h"
#include "server/json/json_writer.h"

namespace livedata::server::elastic {
namespace {

using ingest::elastic::Action;
using ingest::elastic::Bulk;
using ingest::elastic::BulkItem;

constexpr std::size_t kIdBytes = 15;

/// Makes up ids of documents: 20 characters, as Elasticsearch's are. Thread-safe.
class IdSource {
 public:
  std::string next() {
    const Hash128 hash = hash128(fmt::format("{} {}", seed_, counter_++));
    std::string id =
        encoding::base64_encode({reinterpret_cast<const char*>(&hash), kIdBytes});  // NOLINT
    // The alphabet of URLs (RFC 4648, section 5).
    std::replace(id.begin(), id.end(), '+', '-');
    std::replace(id.begin(), id.end(), '/', '_');
    return id;
  }

 private:
  const std::uint64_t seed_ = std::random_device()();
  std::atomic<std::uint64_t> counter_{0};
};

void append_created(JsonWriter& json) {
  json.key("_version").raw("1").key("result").string("created");
  json.key("_shards").raw(R"({"total":1,"successful":1,"failed":0})");
  json.key("_seq_no").raw("0").key("_primary_term").raw("1");
}

void append_item(const Bulk& bulk, const BulkItem& item, IdSource& ids, JsonWriter& json) {
  json.begin_object().key(name(item.action)).begin_object();
  json.key("_index").string(bulk.indices[item.index]);
  json.key("_id").string(item.id.empty() ? ids.next() : item.id);
  if (item.error == nullptr) {
    append_created(json);
    json.key("status").raw("201");
  } else {
    json.key("status").number(static_cast<std::uint64_t>(item.error->status));
    json.key("error").begin_object().key("type").string(item.error->type);
    json.key("reason").string(item.error->reason).end_object();
  }
  json.end_object().end_object();
}

std::string encode_bulk(const Bulk& bulk, std::int64_t took_ms, IdSource& ids) {
  const bool errors = std::any_of(bulk.items.begin(), bulk.items.end(),
                                  [](const BulkItem& item) { return item.error != nullptr; });
  JsonWriter json;
  // Fluent Bit looks for these members in this order.
  json.begin_object().key("took").number(static_cast<std::uint64_t>(took_ms));
  json.key("errors").raw(errors ? "true" : "false").key("items").begin_array();
  for (const BulkItem& item : bulk.items) append_item(bulk, item, ids, json);
  return json.end_array().end_object().take();
}

Response push_bulk(const Request& request, std::string_view index, const ApiContext& context,
                   IdSource& ids) {
  const TimestampNs start = context.clock.now();
  std::string buffer;
  const auto body = plain_body(request, context, buffer);
  if (!body) return answer_error(request, body.error());
  if (body->empty()) {
    return answer_error(request, 400, "parse_exception", "request body is required");
  }
  auto bulk =
      ingest::elastic::decode_bulk(*body, index, decode_context(context, request.identity, "bulk"));
  if (!bulk) return answer_error(request, bulk.error());
  if (const auto stored = store(context, request.identity, std::move(bulk->decoded)); !stored)
    return answer_error(request, stored.error());
  const std::int64_t took = (context.clock.now() - start) / 1'000'000;
  return answer(request, 200, encode_bulk(*bulk, std::max<std::int64_t>(took, 0), ids));
}

Response push_document(const Request& request, Action action, std::string_view index,
                       std::string_view id, const ApiContext& context, IdSource& ids) {
  std::string buffer;
  const auto body = plain_body(request, context, buffer);
  if (!body) return answer_error(request, body.error());
  Bulk bulk = ingest::elastic::decode_document(*body, action, index, id,
                                               decode_context(context, request.identity, "bulk"));
  if (const auto stored = store(context, request.identity, std::move(bulk.decoded)); !stored)
    return answer_error(request, stored.error());
  const BulkItem& item = bulk.items.front();
  if (item.error != nullptr)
    return answer_error(request, item.error->status, item.error->type, item.error->reason);
  JsonWriter json;
  json.begin_object().key("_index").string(index);
  json.key("_id").string(item.id.empty() ? ids.next() : item.id);
  append_created(json);
  return answer(request, 201, json.end_object().take());
}

}  // namespace

void add_bulk_routes(const ApiContext& context, std::string_view prefix, Router& router) {
  const auto ids = std::make_shared<IdSource>();
  const auto path = [prefix](std::string_view rest) { return std::string(prefix).append(rest); };
  const auto bulk = [context, ids](const Request& request, const PathParts& parts) {
    return push_bulk(request, parts.empty() ? "" : parts.front(), context, *ids);
  };
  // The last one has a type of document, as before Elasticsearch 7.
  for (const char* pattern : {"/_bulk", "/*/_bulk", "/*/*/_bulk"})
    router.add_pattern("POST|PUT", path(pattern), bulk);
  const auto document = [context, ids](Action action) {
    return [context, ids, action](const Request& request, const PathParts& parts) {
      return push_document(request, action, parts[0], parts.size() > 1 ? parts[1] : "", context,
                           *ids);
    };
  };
  router.add_pattern("POST", path("/*/_doc"), document(Action::kIndex));
  router.add_pattern("POST|PUT", path("/*/_doc/*"), document(Action::kIndex));
  router.add_pattern("POST", path("/*/_create"), document(Action::kCreate));
  router.add_pattern("POST|PUT", path("/*/_create/*"), document(Action::kCreate));
}

}  // namespace livedata::server::elastic
