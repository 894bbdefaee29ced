#include "server/api/push.h"

#include "ingest/content.h"

namespace livedata::server {

Result<std::string_view> plain_body(const Request& request, const ApiContext& context,
                                    std::string& buffer) {
  LIVEDATA_TRY(const ingest::Encoding encoding,
               ingest::parse_content_encoding(request.header("content-encoding")));
  if (encoding == ingest::Encoding::kIdentity) return std::string_view(request.body);
  LIVEDATA_TRY(buffer,
               ingest::decompress(request.body, encoding, context.limits.max_expanded_body_bytes));
  return std::string_view(buffer);
}

ingest::DecodeContext decode_context(const ApiContext& context, std::string_view source) {
  return {context.limits, context.clock.now(), source, context.pipelines};
}

Result<void> store(const ApiContext& context, ingest::Decoded decoded) {
  context.writer.count_rejected(decoded.rejected);
  if (decoded.batch.empty()) return {};
  return context.writer.write(context.tenant, std::move(decoded.batch));
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
