#include "server/api/push.h"

#include "ingest/content.h"

namespace livedata::server {

Result<std::string_view> plain_body(const Request& request, const ApiContext& context,
                                    std::string& buffer) {
  LIVEDATA_TRY(const ingest::Encoding encoding,
               ingest::parse_content_encoding(request.header("content-encoding")));
  if (encoding == ingest::Encoding::kIdentity) return std::string_view(request.body);
  LIVEDATA_TRY(buffer,
               ingest::decompress(request.body, encoding, context.limits.max_expanded_body_bytes,
                                  context.limits.max_expansion_ratio));
  return std::string_view(buffer);
}

ingest::DecodeContext decode_context(const ApiContext& context, const tenant::Identity& sender,
                                     std::string_view source) {
  return {
      context.limits,    context.clock.now(), source,
      context.pipelines, context.label_guard, sender.streams.empty() ? nullptr : &sender.streams};
}

Result<void> store(const ApiContext& context, const tenant::Identity& sender,
                   ingest::Decoded decoded) {
  if (!decoded.batch.empty()) {
    LIVEDATA_RETURN_IF_ERROR(
        context.writer.write(sender.tenant, std::move(decoded.batch), decoded.source));
  }
  // A request that is refused as a whole comes again.
  context.writer.count(decoded);
  return {};
}

std::string describe(const std::vector<ingest::Rejection>& rejected) {
  std::string text;
  for (const ingest::Rejection& rejection : rejected) {
    text += fmt::format("{} records refused ({}): {}\n", rejection.count, rejection.reason,
                        rejection.message);
  }
  return text;
}

}  // namespace livedata::server
