#include "server/api/otlp/export_logs.h"

#include "ingest/otlp/push.h"
#include "server/api/push.h"

namespace livedata::server::otlp {

Result<std::vector<ingest::Rejection>> export_logs(std::string_view request, Format format,
                                                   const tenant::Identity& sender,
                                                   const ApiContext& context) {
  const ingest::DecodeContext decode = decode_context(context, sender, "otlp");
  LIVEDATA_TRY(ingest::Decoded decoded, format == Format::kJson
                                            ? ingest::otlp::decode_json(request, decode)
                                            : ingest::otlp::decode_protobuf(request, decode));
  std::vector<ingest::Rejection> rejected = decoded.rejected;
  if (auto written = store(context, sender, std::move(decoded)); !written) {
    Error error = std::move(written).error();
    // The log goes on in a new file after a failed write, while senders drop what they may not
    // repeat.
    if (error.code == ErrorCode::kIoError) error.code = ErrorCode::kUnavailable;
    return fail(std::move(error));
  }
  return rejected;
}

}  // namespace livedata::server::otlp
